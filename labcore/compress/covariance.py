"""Mean and covariance of the inputs of each encoder matrix, on some examples."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from labcore.data.batches import Encoded, evaluation_batches
from labcore.models import encoder
from labcore.models.architecture import Role
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.placement import device_of, in_float64, placed, to_host

_SAME: dict[Role, Role] = {"key": "query", "value": "query"}  # they have its inputs
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
def input_moments(model: Classifier, examples: Encoded) -> dict[str, Moments]:
    """By path of each encoder matrix, the moments of its inputs at every token, without padding.

    Query, key and value have the same inputs, so they share their moments.
    """
    model = copy.deepcopy(placed(model)).eval()  # hooks on a shared model would measure other threads, too
    moments: dict[tuple[int, Role], Moments] = {}
    mask: Tensor | None = None

    def noting(name: tuple[int, Role]) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            rows = in_float64(inputs[0].flatten(0, 1) if mask is None else inputs[0][mask])  # (n, in)
            if name not in moments:
                width = rows.shape[1]
                moments[name] = Moments(0, rows.new_zeros(width), rows.new_zeros(width, width))
            moments[name].n += len(rows)
            moments[name].total += rows.sum(0)
            moments[name].squares += rows.T @ rows

        return note

    family = family_of(model.config)
    roles = family.layer.roles
    for layer in range(encoder.architecture_of(model).layers):
        for role in set(roles) - _SAME.keys():
            encoder.matrix(model, layer, role).register_forward_pre_hook(noting((layer, role)))
    for batch in evaluation_batches(examples, size=32, device=device_of(model)):
        mask = batch.mask
        encoder.forward(model, batch.ids, mask, batch.types, all_tokens=True)
    moments = {name: Moments(m.n, to_host(m.total), to_host(m.squares)) for name, m in moments.items()}
    return {
        family.matrix_name(layer, role): moments[layer, _SAME.get(role, role)]
        for layer in range(encoder.architecture_of(model).layers)
        for role in roles
    }
