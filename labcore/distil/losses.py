"""The formulas of the loss terms: short pure functions of tensors, each with its paper and bound to its term.

docs/distillation.md lists the conventions in which the field's toolkits differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

from labcore.config.loss_terms import COSINE, HARD, HIDDEN, LOGIT, RELATION, SOFT, LossTerm
from labcore.models.placement import in_float64

UNLABELLED = -100  # the label of an example that has none
NEAR = 0.01  # |d|, below which eᵈ − 1 − d is d² · (1/2 + d/6 + d²/24): what is left out is below 1e-7 of it


# -- terms and their formulas ------------------------------------------------------------------------


class Compared(Protocol):
    """What a term can compare in a batch of B examples; each is there if the term's `needs` name it."""

    @property
    def logits(self) -> Tensor:
        """The student's (B, C)."""

    @property
    def labels(self) -> Tensor:
        """(B,), UNLABELLED for an example without one."""

    @property
    def teacher_logits(self) -> Tensor:
        """(B, C)."""

    @property
    def temperature(self) -> float:
        """What divides both models' logits."""

    @property
    def projected_states(self) -> Sequence[Tensor]:
        """The student's hidden states, for each pair of layers (N, teacher's width)."""

    @property
    def teacher_states(self) -> Sequence[Tensor]:
        """The teacher's, for each pair of layers (N, teacher's width)."""

    @property
    def relations(self) -> tuple[Sequence[Tensor], Sequence[Tensor], Tensor, int]:
        """Queries, keys and values of student and teacher, the mask and the number of heads: see `relation_loss`."""


Formula = TypeVar("Formula", bound=Callable[..., Tensor])
_FORMULAS: dict[str, Callable[[Compared], Tensor]] = {}


def loss_of(term: LossTerm, arguments: Callable[[Compared], tuple[Any, ...]]) -> Callable[[Formula], Formula]:
    """Bind a formula to its term; `arguments` takes from a batch what the formula is given."""

    def bind(formula: Formula) -> Formula:
        _FORMULAS[term.name] = lambda batch: formula(*arguments(batch))
        return formula

    return bind


def loss(term: LossTerm, batch: Compared) -> Tensor:
    """The unweighted value of a term for a batch that has what the term needs: a scalar."""
    return _FORMULAS[term.name](batch)


# -- formulas ----------------------------------------------------------------------------------------


@loss_of(HARD, lambda batch: (batch.logits, batch.labels))
def hard_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the true labels: logits (B, C), labels (B,); a mean over the labelled examples, in nats."""
    return F.cross_entropy(logits, labels, ignore_index=UNLABELLED)


@loss_of(SOFT, lambda batch: (batch.logits, batch.teacher_logits, batch.temperature))
def soft_loss(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """τ² · KL(teacher ‖ student) of the distributions softened by τ; both (B, C); a mean over the batch, in nats.

    The gradient of the softened divergence shrinks as 1/τ². The factor τ² keeps its size, so that loss weights
    mean the same at every temperature.
    Hinton, Vinyals and Dean, 2015, https://arxiv.org/abs/1503.02531
    """
    student = F.log_softmax(in_float64(logits) / temperature, dim=-1)
    teacher = F.log_softmax(in_float64(teacher_logits) / temperature, dim=-1)
    return (temperature**2 * divergence_terms(student, teacher).sum(-1).mean()).to(logits.device, logits.dtype)


def divergence_terms(log_q: Tensor, log_p: Tensor) -> Tensor:
    """KL(p ‖ q) as Σ p · (eᵈ − 1 − d) with d = log q − log p: the addends (…, C), of which none is negative.

    The usual Σ p · (log p − log q) adds numbers of both signs. If p and q are nearly equal, as at a high temperature,
    these are far larger than their sum, and digits cancel. If d is small, eᵈ − 1 − d would cancel as well: then its
    Taylor polynomial replaces it.
    """
    terms: Tensor = _Divergence.apply(log_q, log_p)
    return terms


class _Divergence(torch.autograd.Function):
    """`divergence_terms` with its gradient written out; autograd would keep a dozen tensors of that size."""

    @staticmethod
    def forward(ctx: Any, log_q: Tensor, log_p: Tensor) -> Tensor:
        d, p = log_q - log_p, log_p.exp()
        risen = torch.where(
            d < 1, p * d.expm1(), log_q.exp() - p
        )  # q − p; the first is exact, the second does not overflow
        pd = p * d
        ctx.save_for_backward(risen, pd)
        taylor = (d / 24 + 1 / 6).mul_(d).add_(0.5)
        return torch.where(d.abs() < NEAR, pd * d * taylor, risen - pd)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor]:
        risen, pd = ctx.saved_tensors
        return outer[0] * risen, -outer[0] * pd


@loss_of(LOGIT, lambda batch: (batch.logits, batch.teacher_logits))
def logit_loss(logits: Tensor, teacher_logits: Tensor) -> Tensor:
    """Mean squared error of the logits, both (B, C). Ba and Caruana, 2014, https://arxiv.org/abs/1312.6184"""
    return F.mse_loss(logits, teacher_logits)


@loss_of(HIDDEN, lambda batch: (batch.projected_states, batch.teacher_states))
def hidden_loss(student_states: Sequence[Tensor], teacher_states: Sequence[Tensor]) -> Tensor:
    """Mean squared error of paired hidden states, each (N, H), without padding; a mean over the pairs.

    The student's are already projected to the teacher's width. Romero et al., 2015,
    https://arxiv.org/abs/1412.6550 (hints); on [CLS] states: Sun et al., 2019, https://arxiv.org/abs/1908.09355;
    on all tokens: Jiao et al., 2020, https://arxiv.org/abs/1909.10351
    """
    pairs = zip(student_states, teacher_states, strict=True)
    return torch.stack([F.mse_loss(student, teacher) for student, teacher in pairs]).mean()


@loss_of(COSINE, lambda batch: (batch.projected_states, batch.teacher_states))
def cosine_loss(student_states: Sequence[Tensor], teacher_states: Sequence[Tensor]) -> Tensor:
    """1 − cos of paired hidden states, each (N, H), without padding; a mean over the states and the pairs.

    Sanh et al., 2019 (DistilBERT), https://arxiv.org/abs/1910.01108
    """
    # 1 − u·v = ½ |u − v|² of unit vectors, which is never negative. It keeps its digits if the two nearly agree.
    pairs = zip(student_states, teacher_states, strict=True)
    apart = [F.normalize(student, dim=-1) - F.normalize(teacher, dim=-1) for student, teacher in pairs]
    return torch.stack([0.5 * difference.square().sum(-1).mean() for difference in apart]).mean()


def relation_heads(*widths: int, most: int) -> int:
    """The largest number of relation heads, up to `most`, that divides all these widths."""
    return next(n for n in range(most, 0, -1) if all(width % n == 0 for width in widths))


@loss_of(RELATION, lambda batch: batch.relations)
def relation_loss(student: Sequence[Tensor], teacher: Sequence[Tensor], mask: Tensor, heads: int) -> Tensor:
    """KL(teacher ‖ student) of self-attention relations: queries with queries, keys with keys, values with values.

    student, teacher: for each of the three a tensor (B, T, width), of any width; mask: (B, T), true at real tokens.
    The heads are joined and split again into `heads` relation heads. So neither widths nor numbers of heads need agree.
    R = softmax(A·Aᵀ / √d) for each relation head, d its width. A mean over real tokens, heads and the three
    relations, in nats. Wang et al., 2021 (MiniLMv2), https://arxiv.org/abs/2012.15828, equations 3 to 5.
    """
    rows = mask.sum() * heads
    total = torch.zeros((), device=mask.device)
    for vectors in zip(student, teacher, strict=True):
        log_q, log_p = (_relations(each, mask, heads) for each in vectors)
        divergence = divergence_terms(log_q, log_p).masked_fill(~mask[:, None, None, :], 0.0).sum(-1)  # (B, heads, T)
        total = total + divergence.masked_fill(~mask[:, None, :], 0.0).sum() / rows
    return total / len(student)


def _relations(vectors: Tensor, mask: Tensor, heads: int) -> Tensor:
    """Log relations (B, heads, T, T) of vectors (B, T, width); a padded column is so low that its probability is 0."""
    split = vectors.unflatten(-1, (heads, -1)).transpose(1, 2)  # (B, heads, T, d)
    scores = split @ split.transpose(-1, -2) / split.shape[-1] ** 0.5
    return scores.masked_fill(~mask[:, None, None, :], -1e9).log_softmax(-1)
