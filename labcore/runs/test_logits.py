"""A finished run's answers to the test split: what later comparisons with other runs need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from labcore.system.files import write_whole


@dataclass(frozen=True)
class StoredLogits:
    """Logits (N, C) of student and teacher, fp32, and the true labels (N,), in the order of the test split."""

    student: Tensor
    teacher: Tensor
    labels: Tensor


def save_test_logits(path: Path, answers: StoredLogits) -> None:
    """Write them as safetensors, whole or not at all."""
    write_whole(path, safetensors.torch.save({name: tensor.contiguous() for name, tensor in vars(answers).items()}))


def load_test_logits(path: Path) -> StoredLogits | None:
    """A run's answers; None where it kept none, or the file is damaged."""
    try:
        return StoredLogits(**safetensors.torch.load(path.read_bytes()))
    except (OSError, SafetensorError, TypeError):
        return None
