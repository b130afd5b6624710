"""Grids of few values, and the nearest point of one for each weight of a matrix.

A matrix (out × in) is cut into groups along its rows. A group of weights w has one scale s and, at b bits, the codes
q ∈ {−m, …, m} with m = 2^(b−1) − 1; its values are s·q. So 2 bits are ternary (−s, 0, s), 0 is always a value, and a
weight that pruning holds at 0 stays 0. The scale minimises the squared error Σ(w − s·q)²:

- 2 bits: exactly. With the k largest magnitudes as ±s, the error falls by (Σ|w|)²/k, so all k are tried, in one sort
  (Li and Liu, Ternary Weight Networks, 2016, https://arxiv.org/abs/1605.04711, who estimate it).
- 3, 4 and 8 bits: of some scales below max|w|/m, each refitted to its own codes by s = Σwq/Σq², the best one.

Scales are numbers of 16 bits, because that is how they are stored. So a stored grid is the same grid, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SHRUNK = (1.0, 0.9, 0.8, 0.7, 0.6)  # of the scale at which the largest weight is a value
SCALES = ".scales"  # the end of the name under which a matrix's scales are kept
SMALLEST = 2.0**-14  # of a scale: below it, numbers of 16 bits lose digits


@dataclass(frozen=True)
class Grid:
    """bits: of each code. group: how many neighbours in a row share a scale; None for the row."""

    bits: int
    group: int | None

    @property
    def most(self) -> int:
        """The largest code; the smallest is its negative."""
        return int(2 ** (self.bits - 1)) - 1

    def groups(self, columns: int) -> int:
        """How many scales a row of this length has; its last group may be shorter."""
        return 1 if self.group is None else -(-columns // self.group)

    def grouped(self, weight: Tensor) -> Tensor:
        """The weights (rows, columns) by group: (rows, groups, size), the last group filled up with zeros."""
        columns = weight.shape[1]
        size = columns if self.group is None else min(self.group, columns)
        missing = self.groups(columns) * size - columns
        padded = torch.nn.functional.pad(weight, (0, missing)) if missing else weight
        return padded.unflatten(1, (-1, size))


def best_scales(weight: Tensor, grid: Grid) -> Tensor:
    """The scales (rows, groups) of least squared error for a matrix (rows, columns)."""
    groups = grid.grouped(weight.float())
    if grid.most == 1:
        return stored(_ternary_scales(groups))
    largest = groups.abs().amax(-1)
    best, least = torch.empty_like(largest), torch.full_like(largest, float("inf"))
    for factor in SHRUNK:
        scale = stored(refitted(groups, stored(largest * factor / grid.most), grid))
        error = (groups - nearest(groups, scale, grid) * scale[..., None]).square().sum(-1)
        better = error < least
        best, least = torch.where(better, scale, best), torch.where(better, error, least)
    return best


def refitted(groups: Tensor, scales: Tensor, grid: Grid) -> Tensor:
    """The scales (rows, groups) of least error for the codes that `scales` give these groups (rows, groups, size)."""
    codes = nearest(groups, scales, grid)
    squares = codes.square().sum(-1)
    return torch.where(squares > 0, (groups * codes).sum(-1) / squares.clamp_min(1), scales)


def nearest(groups: Tensor, scales: Tensor, grid: Grid) -> Tensor:
    """The code of each weight (rows, groups, size), as floating-point numbers."""
    return (groups / scales[..., None]).round_().clamp_(-grid.most, grid.most)


def codes_of(weight: Tensor, scales: Tensor, grid: Grid) -> Tensor:
    """The codes (rows, columns), int8, of a matrix (rows, columns) on these scales (rows, groups)."""
    return nearest(grid.grouped(weight.float()), scales, grid).flatten(1)[:, : weight.shape[1]].to(torch.int8)


def values_of(codes: Tensor, scales: Tensor, grid: Grid) -> Tensor:
    """The weights (rows, columns), fp32, that codes (rows, columns) and scales (rows, groups) stand for."""
    return (grid.grouped(codes.float()) * scales[..., None]).flatten(1)[:, : codes.shape[1]]


def stored(scales: Tensor) -> Tensor:
    """These scales as 16 bits hold them, in fp32 and above 0: a group of zeros has a scale, too."""
    return scales.clamp_min(SMALLEST).half().float()


def _ternary_scales(groups: Tensor) -> Tensor:
    """The mean of the k largest magnitudes of each group, for the k that leaves the least error."""
    falling = groups.abs().sort(-1, descending=True).values
    sums = falling.cumsum(-1)
    counts = torch.arange(1, groups.shape[-1] + 1, device=groups.device)
    best = (sums.square() / counts).argmax(-1, keepdim=True)
    return (sums.gather(-1, best) / (best + 1)).squeeze(-1)
