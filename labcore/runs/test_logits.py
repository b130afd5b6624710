"""The logits of a finished run on the test split: later comparisons with other runs need them."""

from __future__ import annotations

from dataclasses import dataclass

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor


@dataclass(frozen=True)
class StoredLogits:
    """Logits (N, C) of student and teacher, fp32, and the true labels (N,), in the order of the test split."""

    student: Tensor
    teacher: Tensor
    labels: Tensor

    def to_bytes(self) -> bytes:
        """The three tensors as safetensors."""
        return safetensors.torch.save({name: tensor.contiguous() for name, tensor in vars(self).items()})

    @staticmethod
    def from_bytes(content: bytes) -> StoredLogits | None:
        """The inverse of `to_bytes`; None if the content is damaged."""
        try:
            return StoredLogits(**safetensors.torch.load(content))
        except (SafetensorError, TypeError):
            return None
