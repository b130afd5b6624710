"""Matrices that stay on their grids while a student trains.

The model computes with the rounded weights. Beside them stand the weights as they were before rounding. The optimiser
moves these by the gradient of the rounded ones, and they are rounded again: the straight-through estimator (Bengio et
al., 2013, https://arxiv.org/abs/1308.3432; BinaryConnect, https://arxiv.org/abs/1511.00363). At each rounding the
scales are refitted to the codes, one step of the alternation that minimises the squared error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from labcore.compress.grid import Grid, best_scales, codes_of, nearest, refitted, stored, values_of


@dataclass
class Rounded:
    """What belongs to one rounded matrix (rows, columns).

    scales: (rows, groups), fp32 numbers that 16 bits hold; None on the meta device.
    latent: the weights before rounding, (rows, columns); None if they are not known, as after training or loading.
    """

    grid: Grid
    scales: Tensor | None = None
    latent: Tensor | None = None
    _values: Tensor | None = None  # the rounded weights, while the parameter holds the latent ones

    @staticmethod
    @torch.no_grad()
    def of(parameter: nn.Parameter, grid: Grid) -> Rounded:
        """Round the parameter in place, on the scales of least error."""
        if parameter.is_meta:
            return Rounded(grid)
        latent, scales = parameter.detach().clone(), best_scales(parameter, grid)
        parameter.copy_(values_of(codes_of(parameter, scales, grid), scales, grid))
        return Rounded(grid, scales, latent)

    def release(self, parameter: nn.Parameter) -> None:
        """Let the parameter hold the weights before rounding, for an optimiser's step."""
        if self._values is None:
            self._values = parameter.data
            parameter.data = parameter.detach().clone() if self.latent is None else self.latent

    def codes(self, parameter: nn.Parameter) -> Tensor:
        """The codes (rows, columns), int8, of the rounded parameter."""
        assert self.scales is not None
        return codes_of(parameter.detach(), self.scales, self.grid)

    def to(self, device: torch.device) -> None:
        """Move its tensors to a device."""
        self.scales = None if self.scales is None else self.scales.to(device)
        self.latent = None if self.latent is None else self.latent.to(device)

    @property
    def nbytes(self) -> int:
        """Bytes of its tensors in memory."""
        return sum(tensor.nbytes for tensor in (self.scales, self.latent) if tensor is not None)


@torch.no_grad()
def round_moved(matrices: Iterable[tuple[nn.Parameter, Rounded]]) -> None:
    """Round released parameters again: every row, or those that a sparse gradient moved.

    Groups of equal size are rounded together, because many small operations would take longer than the training step.
    """
    alike = defaultdict[tuple[Grid, int], list[_Moved]](list)
    for parameter, rounded in matrices:
        if rounded._values is not None:
            moved = _Moved(parameter, rounded)
            alike[rounded.grid, moved.groups.shape[1]].append(moved)
    for (grid, _), members in alike.items():
        groups = torch.cat([moved.groups for moved in members])
        scales = stored(refitted(groups, torch.cat([moved.scales for moved in members]), grid))
        values, sizes = nearest(groups, scales, grid).mul_(scales[:, None]), [len(moved.groups) for moved in members]
        for moved, its_values, its_scales in zip(members, values.split(sizes), scales.split(sizes), strict=True):
            moved.take(its_values, its_scales)


class _Moved:
    """The rows of a released parameter that have moved, as groups (G, size) with their scales (G,)."""

    def __init__(self, parameter: nn.Parameter, rounded: Rounded):
        gradient = parameter.grad
        sparse = gradient is not None and gradient.is_sparse
        assert rounded.scales is not None
        self.parameter, self.rounded = parameter, rounded
        self.rows = gradient.coalesce().indices()[0] if gradient is not None and sparse else slice(None)
        self.groups = rounded.grid.grouped(parameter.data[self.rows]).flatten(0, 1)
        self.scales = rounded.scales[self.rows].flatten()

    def take(self, values: Tensor, scales: Tensor) -> None:
        """Put the rounded rows into the parameter, and keep the weights before rounding beside it."""
        rounded, columns = self.rounded, self.parameter.shape[1]
        assert rounded._values is not None
        assert rounded.scales is not None
        per_row = rounded.scales.shape[1]
        rounded.scales[self.rows] = scales.unflatten(0, (-1, per_row))
        rounded._values[self.rows] = values.unflatten(0, (-1, per_row)).flatten(1)[:, :columns]
        rounded.latent, self.parameter.data, rounded._values = self.parameter.data, rounded._values, None
