"""A model without an encoder: the mean of a teacher's token vectors, and a linear head that is fitted to the labels.

It shows what an encoder adds. A vector is a row of the teacher's word table, as it is after fine-tuning. The mean is
over an example's real tokens; special tokens, [UNK] among them, do not count. An example without any has a mean of 0.

The head is a multinomial logistic regression on standardised means. Its loss is the mean cross-entropy plus a penalty,
times the sum of the squared weights; the bias is free. The loss is convex, so L-BFGS finds the one minimum.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from labcore.data.batches import Encoded
from labcore.evaluate.metrics import accuracy

PENALTIES = (1.0, 0.1, 0.01)  # tried in this order; the validation split chooses
MOST_PASSES = 500  # over the training split, for each penalty
GRADIENT = 1e-6  # the largest element of the gradient at which the fit has converged


class TokenVectorModel(nn.Module):
    """The mean of token vectors and the head as one module, for its time and its memory. vectors: (V, H)."""

    def __init__(self, vectors: Tensor, classes: int):
        super().__init__()
        self.table = nn.EmbeddingBag.from_pretrained(vectors, mode="mean")
        self.head = nn.Linear(vectors.shape[1], classes)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (B, C) of token ids (B, T)."""
        logits: Tensor = self.head(self.table(ids))
        return logits


@dataclass(frozen=True)
class LinearHead:
    """Logits are `means @ weight.T + bias`: weight (C, H), bias (C,), fp64. penalty: that it was fitted with."""

    weight: Tensor
    bias: Tensor
    penalty: float

    def logits(self, means: Tensor) -> Tensor:
        """Logits (N, C) of means (N, H)."""
        return means @ self.weight.T + self.bias


def mean_vectors(vectors: Tensor, encoded: Encoded, special: Collection[int]) -> Tensor:
    """The mean (N, H), fp64, of the vectors (V, H) of each example's tokens that are not special."""
    kept = [[token for token in row if token not in special] for row in encoded.tokens]
    flat = torch.tensor([token for row in kept for token in row], dtype=torch.long)
    ends = torch.tensor([0, *map(len, kept)]).cumsum(0)
    means = functional.embedding_bag(flat, vectors.double(), ends[:-1], mode="mean")
    return means.nan_to_num(0.0)


def fit_head(
    means: Tensor, labels: Tensor, classes: int, penalty: float, start: LinearHead | None = None
) -> LinearHead:
    """The head that minimises the loss at this penalty on means (N, H) and labels (N,).

    start: another head, of which the fit begins; by default with zeros. It changes the time, not the minimum.
    """
    centre, scale = means.mean(0), means.std(0, unbiased=False)
    scale = torch.where(scale > 0, scale, 1.0)
    inputs = (means - centre) / scale
    weight = torch.zeros(classes, means.shape[1], dtype=torch.float64)
    bias = torch.zeros(classes, dtype=torch.float64)
    if start is not None:
        weight, bias = start.weight * scale, start.bias + start.weight @ centre
    weight.requires_grad_(), bias.requires_grad_()
    optimiser = torch.optim.LBFGS(
        [weight, bias],
        max_iter=MOST_PASSES,
        tolerance_grad=GRADIENT,
        tolerance_change=0.0,
        history_size=20,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = functional.cross_entropy(inputs @ weight.T + bias, labels) + penalty * weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    fitted = weight.detach() / scale
    return LinearHead(fitted, bias.detach() - fitted @ centre, penalty)


def best_head(
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor],
    classes: int,
    penalties: Sequence[float] = PENALTIES,
) -> tuple[LinearHead, float]:
    """The head whose penalty has the highest validation accuracy, and that accuracy; of equal ones the first.

    train, validation: means (N, H) and labels (N,).
    """
    best: tuple[LinearHead, float] | None = None
    head = None
    for penalty in penalties:
        head = fit_head(*train, classes, penalty, head)
        reached = accuracy(head.logits(validation[0]), validation[1])
        if best is None or reached > best[1]:
            best = head, reached
    assert best is not None, "no penalty: give at least one"
    return best
