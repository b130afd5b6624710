"""A second device without its hardware: what should have moved there, or back, and did not, is an error as on a GPU.

Its tensors hold an inner tensor of the processor, which computes for them. Python reads a GPU as their device; below
Python it is `meta`, so torch never looks for the GPU. While `SecondDevice` is active it sees every operation, those of
autograd and of optimisers included. As torch does, it refuses to mix devices, but for scalars and for `copy_`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from labcore.system import processor

MAY_MIX = (torch.ops.aten.copy_.default, torch.ops.aten._to_copy.default)


class Elsewhere(Tensor):
    """A tensor on the second device."""

    inner: Tensor
    on: torch.device
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner: Tensor, on: torch.device) -> Elsewhere:
        strided = {"strides": inner.stride(), "storage_offset": inner.storage_offset()}
        sparse = {"layout": inner.layout, "dispatch_layout": True}
        form: dict[str, Any] = strided if inner.layout is torch.strided else sparse
        return Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype, device="meta", **form)

    def __init__(self, inner: Tensor, on: torch.device):
        self.inner, self.on = inner, on

    device = property(lambda self: self.on)
    is_meta = property(lambda self: False)
    layout = property(lambda self: self.inner.layout)
    is_sparse = property(lambda self: self.inner.is_sparse)

    def new(self, indices: Tensor, values: Tensor, size: torch.Size) -> Tensor:
        """How torch's SparseAdam makes a sparse tensor."""
        return torch.sparse_coo_tensor(indices, values, size, check_invariants=False)

    def tolist(self) -> Any:
        return self.inner.tolist()

    def __repr__(self, **_: object) -> str:
        return f"Elsewhere({self.inner!r})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if id(self) not in memo:
            copied = self.detach().clone().requires_grad_(self.requires_grad)
            memo[id(self)] = torch.nn.Parameter(copied, self.requires_grad) if self.is_leaf else copied
        return memo[id(self)]

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise RuntimeError(f"{function} outside the block of the second device")


class SecondDevice(TorchDispatchMode):
    """Computes for `Elsewhere` tensors. operations: how many so far. float64: whether the device has it."""

    def __init__(self, on: torch.device, *, float64: bool):
        super().__init__()
        self.on, self.float64, self.operations = on, float64, 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if function is torch.ops.prim.layout.default:
            return args[0].inner.layout
        kwargs = dict(kwargs or {})
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        there = [tensor for tensor in tensors if isinstance(tensor, Elsewhere)]
        here = any(not isinstance(tensor, Elsewhere) and tensor.dim() for tensor in tensors)
        if there and here and function not in MAY_MIX:
            raise RuntimeError(f"Expected all tensors to be on the same device, but {function} mixes cpu and {self.on}")
        goes = bool(there)
        if function is torch.ops.aten.copy_.default:
            goes = isinstance(args[0], Elsewhere)
        wanted = kwargs.get("device")
        if wanted is not None and (there or wanted.type == self.on.type or _to_meta(function, wanted, args)):
            goes = wanted.type in (self.on.type, "meta")
            kwargs["device"] = torch.device("cpu")
        if not there and not goes:
            return function(*args, **kwargs)
        self.operations += 1
        known = {id(tensor.inner): tensor for tensor in there}
        args, kwargs = tree_map(_inner, (args, kwargs))
        return tree_map(lambda leaf: self._wrapped(leaf, known, goes), function(*args, **kwargs))

    def _wrapped(self, leaf: Any, known: dict[int, Elsewhere], goes: bool) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        if id(leaf) in known:  # changed in place
            return known[id(leaf)]
        if goes and leaf.dtype is torch.float64 and not self.float64:
            raise TypeError(f"Cannot convert a tensor to float64: {self.on} does not support it")
        return Elsewhere(leaf, self.on) if goes else leaf


def _inner(leaf: Any) -> Any:
    """What computes for a leaf. Below Python, autograd makes the zero that `clamp` has for a gradient on `meta`."""
    if isinstance(leaf, Tensor) and not isinstance(leaf, Elsewhere) and leaf.is_meta:
        assert torch._C._current_autograd_node() is not None, "torch lost a scalar's value here; give a tensor instead"
        return torch.zeros(leaf.shape, dtype=leaf.dtype)
    return leaf.inner if isinstance(leaf, Elsewhere) else leaf


ATTENTION = functional.scaled_dot_product_attention


def _with_added_mask(q: Tensor, k: Tensor, v: Tensor, attn_mask: Tensor | None = None, **options: Any) -> Tensor:
    """torch's attention with a mask that is added: below Python the scalars of a boolean one have no values."""
    if attn_mask is not None and attn_mask.dtype is torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=q.dtype).masked_fill(~attn_mask, -torch.inf)
    return ATTENTION(q, k, v, attn_mask=attn_mask, **options)


def _to_meta(function: Any, wanted: torch.device, args: Any) -> bool:
    """Whether autograd takes a gradient back to the second device, which below Python is `meta`."""
    return function is torch.ops.aten._to_copy.default and wanted.type == "meta" and not args[0].is_meta


@contextmanager
def second_device(monkeypatch: pytest.MonkeyPatch, kind: str) -> Iterator[SecondDevice]:
    """Compute on a device of this kind, `cuda` or `mps`, within the block."""
    on = torch.device(kind, 0)
    with monkeypatch.context() as patch:
        patch.setattr(processor, "device", lambda: on)
        patch.setattr(processor, "multiplies_bf16", lambda _: False)
        patch.setattr(processor, "name_of", lambda _: "a second device")
        patch.setattr(processor, "free_bytes", lambda _: None)
        patch.setattr(processor, "wait_for", lambda _: None)
        patch.setattr(torch.cuda, "_lazy_init", lambda: None)
        patch.setattr(clip_grad, "_has_foreach_support", lambda tensors, device: True)  # as a GPU has
        patch.setattr(functional, "scaled_dot_product_attention", _with_added_mask)
        patch.setattr(torch, "inference_mode", torch.no_grad)  # inference tensors can't be views of wrapped ones
        with SecondDevice(on, float64=processor.has_float64(on)) as mode:
            yield mode
