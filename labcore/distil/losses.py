"""The parts of the loss: short pure functions of tensors, each with its paper and formula.

Where the field's toolkits take another convention, docs/methods.md says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

UNLABELLED = -100  # the label of a sentence that has none
NEAR = 0.01  # |d|, below which eᵈ − 1 − d is d² · (1/2 + d/6 + d²/24): what is left out is below 1e-7 of it


def hard_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the true labels: logits (B, C), labels (B,); a mean over the labelled sentences, in nats."""
    return F.cross_entropy(logits, labels, ignore_index=UNLABELLED)


def soft_loss(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """τ² · KL(teacher ‖ student) of the distributions softened by τ; both (B, C); a mean over the batch, in nats.

    The gradient of the softened divergence shrinks as 1/τ²; the factor τ² keeps it of one size, so that the
    weights of the loss mean the same at every temperature.
    Hinton, Vinyals and Dean, 2015, https://arxiv.org/abs/1503.02531
    """
    student = F.log_softmax(logits.double() / temperature, dim=-1)
    teacher = F.log_softmax(teacher_logits.double() / temperature, dim=-1)
    return (temperature**2 * divergence_terms(student, teacher).sum(-1).mean()).to(logits.dtype)


def divergence_terms(log_q: Tensor, log_p: Tensor) -> Tensor:
    """KL(p ‖ q) as Σ p · (eᵈ − 1 − d) with d = log q − log p, term by term (…, C): none is negative, so none cancels another.

    The usual Σ p · (log p − log q) adds terms of both signs. If p and q are nearly equal, as they are at a high temperature, the
    terms are far larger than their sum. If d is small, eᵈ − 1 − d would cancel as well, and is taken from its series.
    """
    terms: Tensor = _Divergence.apply(log_q, log_p)
    return terms


class _Divergence(torch.autograd.Function):
    """With the gradient written out: through the cases it would keep a dozen tensors of the size of all relations."""

    @staticmethod
    def forward(ctx: Any, log_q: Tensor, log_p: Tensor) -> Tensor:
        d, p = log_q - log_p, log_p.exp()
        risen = torch.where(
            d < 1, p * d.expm1(), log_q.exp() - p
        )  # q − p; the first is exact, the second does not overflow
        pd = p * d
        ctx.save_for_backward(risen, pd)
        series = (d / 24 + 1 / 6).mul_(d).add_(0.5)
        return torch.where(d.abs() < NEAR, pd * d * series, risen - pd)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor]:
        risen, pd = ctx.saved_tensors
        return outer[0] * risen, -outer[0] * pd


def logit_loss(logits: Tensor, teacher_logits: Tensor) -> Tensor:
    """Mean squared error of the logits, both (B, C). Ba and Caruana, 2014, https://arxiv.org/abs/1312.6184"""
    return F.mse_loss(logits, teacher_logits)


def hidden_loss(student_states: Sequence[Tensor], teacher_states: Sequence[Tensor]) -> Tensor:
    """Mean squared error of paired hidden states, each (N, H), padding left out; a mean over the pairs.

    The student's are already projected to the teacher's width. Romero et al., 2015,
    https://arxiv.org/abs/1412.6550 (hints); on [CLS] states: Sun et al., 2019, https://arxiv.org/abs/1908.09355;
    on every word piece: Jiao et al., 2020, https://arxiv.org/abs/1909.10351
    """
    pairs = zip(student_states, teacher_states, strict=True)
    return torch.stack([F.mse_loss(student, teacher) for student, teacher in pairs]).mean()


def cosine_loss(student_states: Sequence[Tensor], teacher_states: Sequence[Tensor]) -> Tensor:
    """1 − cos of paired hidden states, each (N, H), padding left out; a mean over the states and the pairs.

    Sanh et al., 2019 (DistilBERT), https://arxiv.org/abs/1910.01108
    """
    # 1 − u·v = ½ |u − v|² of unit vectors, which is never negative and does not cancel if the two nearly agree.
    pairs = zip(student_states, teacher_states, strict=True)
    apart = [F.normalize(student, dim=-1) - F.normalize(teacher, dim=-1) for student, teacher in pairs]
    return torch.stack([0.5 * difference.square().sum(-1).mean() for difference in apart]).mean()


def relation_heads(*widths: int, most: int) -> int:
    """The largest number of relation heads, up to `most`, that divides all these widths."""
    return next(n for n in range(most, 0, -1) if all(width % n == 0 for width in widths))


def relation_loss(student: Sequence[Tensor], teacher: Sequence[Tensor], mask: Tensor, heads: int) -> Tensor:
    """KL(teacher ‖ student) of self-attention relations: queries with queries, keys with keys, values with values.

    student, teacher: for each of the three a tensor (B, T, width), any width; mask: (B, T), true at real pieces.
    All heads are joined and split anew into `heads` relation heads, so that neither the widths nor the numbers of
    heads need agree: R = softmax(A·Aᵀ / √d) for each relation head, d its width. A mean over real rows, heads and
    the three relations, in nats. Wang et al., 2021 (MiniLMv2), https://arxiv.org/abs/2012.15828, equations 3 to 5.
    """
    rows = mask.sum() * heads
    total = torch.zeros(())
    for ours, theirs in zip(student, teacher, strict=True):
        log_p, log_q = (_relations(vectors, mask, heads) for vectors in (ours, theirs))
        divergence = divergence_terms(log_p, log_q).masked_fill(~mask[:, None, None, :], 0.0).sum(-1)  # (B, heads, T)
        total = total + divergence.masked_fill(~mask[:, None, :], 0.0).sum() / rows
    return total / len(student)


def _relations(vectors: Tensor, mask: Tensor, heads: int) -> Tensor:
    """Log relations (B, heads, T, T) of vectors (B, T, width); a padded column is so low that its share is 0."""
    split = vectors.unflatten(-1, (heads, -1)).transpose(1, 2)  # (B, heads, T, d)
    scores = split @ split.transpose(-1, -2) / split.shape[-1] ** 0.5
    return scores.masked_fill(~mask[:, None, None, :], -1e9).log_softmax(-1)
