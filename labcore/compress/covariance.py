"""Mean and covariance of what goes into each encoder matrix, on some sentences."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from labcore.data.batches import Encoded, evaluation_batches
from labcore.models import encoder
from labcore.models.architecture import ROLES, Role
from labcore.models.classifier import Classifier
from labcore.models.family import family_of

_READERS: tuple[Role, ...] = ("query", "output", "up", "down")  # key and value read what query reads
LEAST = 1e-6  # of the mean variance: directions that the inputs hardly use count as this


@dataclass(eq=False)
class Moments:
    """Of n inputs (n, in), in double precision: their sum (in,) and the sum of their outer products (in, in)."""

    n: int
    total: Tensor
    squares: Tensor

    @property
    def mean(self) -> Tensor:
        """(in,)"""
        return self.total / self.n

    @cached_property
    def roots(self) -> tuple[Tensor, Tensor]:
        """S and S⁻¹ (in × in), S·Sᵀ being the covariance, its smallest eigenvalues raised to a floor."""
        covariance = self.squares / self.n - torch.outer(self.mean, self.mean)
        values, vectors = torch.linalg.eigh(covariance)
        root = values.clamp_min(max(LEAST * float(values.mean()), 1e-12)).sqrt()
        return vectors * root, (vectors / root).T


@torch.no_grad()
def input_moments(model: Classifier, sentences: Encoded) -> dict[str, Moments]:
    """By path of each encoder matrix, the moments of its inputs at every real piece (padding left out).

    Query, key and value read the same, so they share theirs.
    """
    model = copy.deepcopy(model).eval()  # hooks on a model that others use would hear of their sentences, too
    found: dict[tuple[int, Role], Moments] = {}
    mask: Tensor | None = None

    def noting(name: tuple[int, Role]) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            rows = (inputs[0].flatten(0, 1) if mask is None else inputs[0][mask]).double()  # (n, in)
            if name not in found:
                width = rows.shape[1]
                found[name] = Moments(0, torch.zeros(width).double(), torch.zeros(width, width).double())
            found[name].n += len(rows)
            found[name].total += rows.sum(0)
            found[name].squares += rows.T @ rows

        return note

    for layer in range(encoder.architecture_of(model).layers):
        for role in _READERS:
            encoder.matrix(model, layer, role).register_forward_pre_hook(noting((layer, role)))
    for batch in evaluation_batches(sentences, size=32):
        mask = batch.mask
        # transformers' own pass: ours leaves out all but [CLS] in the last layer
        model(batch.ids, attention_mask=None if mask is None else mask.long())
    return {
        family_of(model.config).matrix_name(layer, role): found[layer, "query" if role in ("key", "value") else role]
        for layer in range(encoder.architecture_of(model).layers)
        for role in ROLES
    }
