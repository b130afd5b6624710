"""A matrix that stays on a grid while its student trains.

The model computes with the rounded weights. Beside them stand the weights as they were before rounding. The optimiser
moves these by the gradient of the rounded ones, and they are rounded again: the straight-through estimator (Bengio et
al., 2013, https://arxiv.org/abs/1308.3432; BinaryConnect, https://arxiv.org/abs/1511.00363). At each rounding the
scales are refitted to the codes, one step of the alternation that minimises the squared error.
"""

from __future__ import annotations

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

    @torch.no_grad()
    def hold(self, parameter: nn.Parameter) -> None:
        """Round what the optimiser has moved: every row, or those of a sparse gradient. Needs `release` before it."""
        if self._values is None or self.scales is None:
            return
        latent, rows = parameter.data, _moved_rows(parameter)
        moved = latent if rows is None else latent[rows]
        groups = self.grid.grouped(moved)
        scales = stored(refitted(groups, self.scales if rows is None else self.scales[rows], self.grid))
        values = (nearest(groups, scales, self.grid) * scales[..., None]).flatten(1)[:, : moved.shape[1]]
        if rows is None:
            self.scales, self._values = scales, values.contiguous()
        else:
            self.scales[rows], self._values[rows] = scales, values
        self.latent, parameter.data, self._values = latent, self._values, None

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


def _moved_rows(parameter: nn.Parameter) -> Tensor | None:
    """The rows (R,) that the last sparse gradient holds; None for all."""
    gradient = parameter.grad
    return gradient.coalesce().indices()[0] if gradient is not None and gradient.is_sparse else None
