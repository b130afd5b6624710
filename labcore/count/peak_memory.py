"""The memory that inference takes: weights and the activations that exist at the same moment.

The test compares it with the allocations that torch's own profiler reports.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def peak_bytes(model: nn.Module, forward: Callable[[], object]) -> int:
    """Bytes of all parameters and buffers, and the most bytes of new tensors that exist at once in one `forward`.

    Parameters count in the format that the model has here, fp32. An operator's own working memory is not part of it.
    `model` is on the host and in evaluation mode; `forward` passes an example through it.
    """
    held = {tensor.untyped_storage()._cdata: tensor.nbytes for tensor in (*model.parameters(), *model.buffers())}
    with torch.inference_mode(), _LiveBytes() as live:
        forward()
    return sum(held.values()) + live.most


class _LiveBytes(TorchDispatchMode):
    """Counts the bytes of each storage that an operator makes, until nothing refers to it. most: at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._now = 0
        self._bytes: dict[int, int] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Carry out one operator, and note what it made."""
        kwargs = kwargs or {}
        given = {each.untyped_storage()._cdata for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)}
        result = func(*args, **kwargs)
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in given and storage._cdata not in self._bytes:
                    self._add(storage)
        return result

    def _add(self, storage: torch.UntypedStorage) -> None:
        self._bytes[storage._cdata] = storage.nbytes()
        self._now += storage.nbytes()
        self.most = max(self.most, self._now)
        weakref.finalize(storage, self._free, storage._cdata)

    def _free(self, address: int) -> None:
        self._now -= self._bytes.pop(address)
