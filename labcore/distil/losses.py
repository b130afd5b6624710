"""The parts of the loss: pure functions of tensors, each with its source."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def hard_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the true labels: logits (B, C), labels (B,); a mean over the batch, in nats."""
    return F.cross_entropy(logits, labels)


def soft_loss(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """τ² · KL(teacher ‖ student) of the distributions softened by τ; both (B, C); a mean over the batch, in nats.

    The gradient of the softened divergence shrinks as 1/τ²; the factor τ² keeps it of one size, so that the
    weights of the loss mean the same at every temperature.
    Hinton, Vinyals and Dean, 2015, https://arxiv.org/abs/1503.02531
    """
    student = F.log_softmax(logits / temperature, dim=-1)
    teacher = F.log_softmax(teacher_logits / temperature, dim=-1)
    return temperature**2 * F.kl_div(student, teacher, reduction="batchmean", log_target=True)


def hidden_loss(student_states: Sequence[Tensor], teacher_states: Sequence[Tensor]) -> Tensor:
    """Mean squared error of paired hidden states, each (B, H); a mean over the pairs.

    The student's are already projected to the teacher's width. Romero et al., 2015,
    https://arxiv.org/abs/1412.6550 (hints); on [CLS] states: Sun et al., 2019, https://arxiv.org/abs/1908.09355
    """
    pairs = zip(student_states, teacher_states, strict=True)
    return torch.stack([F.mse_loss(student, teacher) for student, teacher in pairs]).mean()
