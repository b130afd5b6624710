"""The parts of the loss: short pure functions of tensors, each with its paper and formula.

Where the field's toolkits take another convention, docs/methods.md says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

UNLABELLED = -100  # the label of a sentence that has none


def hard_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the true labels: logits (B, C), labels (B,); a mean over the labelled sentences, in nats."""
    return F.cross_entropy(logits, labels, ignore_index=UNLABELLED)


def soft_loss(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """τ² · KL(teacher ‖ student) of the distributions softened by τ; both (B, C); a mean over the batch, in nats.

    The gradient of the softened divergence shrinks as 1/τ²; the factor τ² keeps it of one size, so that the
    weights of the loss mean the same at every temperature.
    Hinton, Vinyals and Dean, 2015, https://arxiv.org/abs/1503.02531
    """
    student = F.log_softmax(logits / temperature, dim=-1)
    teacher = F.log_softmax(teacher_logits / temperature, dim=-1)
    return temperature**2 * F.kl_div(student, teacher, reduction="batchmean", log_target=True)


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
    pairs = zip(student_states, teacher_states, strict=True)
    return torch.stack([1 - F.cosine_similarity(student, teacher, dim=-1).mean() for student, teacher in pairs]).mean()


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
        divergence = (log_q.exp() * (log_q - log_p)).masked_fill(~mask[:, None, None, :], 0.0).sum(-1)  # (B, heads, T)
        total = total + divergence.masked_fill(~mask[:, None, :], 0.0).sum() / rows
    return total / len(student)


def _relations(vectors: Tensor, mask: Tensor, heads: int) -> Tensor:
    """Log relations (B, heads, T, T) of vectors (B, T, width); a padded column is so low that its share is 0."""
    split = vectors.unflatten(-1, (heads, -1)).transpose(1, 2)  # (B, heads, T, d)
    scores = split @ split.transpose(-1, -2) / split.shape[-1] ** 0.5
    return scores.masked_fill(~mask[:, None, None, :], -1e9).log_softmax(-1)
