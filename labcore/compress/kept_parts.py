"""Which neurons, heads and dimensions of a head a smaller student keeps, by what they add on examples."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def contribution(inner: Tensor, last: Any) -> Tensor:
    """Mean square contribution of each input (in,) of the matrix to its output: mean x² · |column|². inner: (n, in)."""
    return inner.square().mean(0) * last.weight.square().sum(0)


def largest(importance: Tensor, count: int) -> Tensor:
    """Indices (count,) of the largest, in ascending order."""
    return importance.argsort(descending=True, stable=True)[:count].sort().values


def head_rows(importance: Tensor, of_heads: Tensor, heads: int, size: int, *, spread: bool = False) -> Tensor:
    """Rows (heads · size,) of the teacher's matrices for a student's heads; importance: (teacher's heads, their size).

    A smaller head keeps its most important dimensions, and a larger one joins several heads. If there are too few,
    heads are used again: with `spread`, from the dimensions that their first use did not take.
    """
    width = importance.shape[1]
    rows = []
    for index, group in enumerate(head_groups(of_heads, heads, size, width)):
        of_group = (group[:, None] * width + torch.arange(width, device=group.device)).flatten()
        ranked = of_group[importance.flatten()[of_group].argsort(descending=True, stable=True)]
        used_before = index * len(group) // min(len(of_heads), heads * len(group))  # how often, each head of the group
        start = used_before * size if spread else 0  # after the dimensions of earlier uses
        rows.append(ranked.roll(-start)[:size].sort().values)
    return torch.cat(rows)


def rotated_rows(importance: Tensor, of_heads: Tensor, heads: int, size: int) -> Tensor:
    """The same for queries and keys that positions rotate; importance: (teacher's heads, their size).

    Dimension i of a head turns together with i + size/2, by an angle that falls with i/size. So a pair of the student's
    gets the pair of the teacher's whose angle is nearest; among pairs of one angle, the one that adds more.
    """
    width = importance.shape[1]
    pairs = importance.unflatten(1, (2, -1)).sum(1)  # (teacher's heads, width/2)
    rows = []
    for group in head_groups(of_heads, heads, size, width):
        free = [(int(head), pair) for head in group.tolist() for pair in range(width // 2)]
        chosen = []
        for own in range(size // 2):
            best = min(
                free,
                key=lambda each, own=own: (  # type: ignore[misc]  # mypy sees no default in a lambda
                    abs(each[1] / width - own / size),
                    -float(pairs[each]),
                ),
            )
            free.remove(best)
            chosen.append(best[0] * width + best[1])
        first = torch.tensor(chosen, device=importance.device)
        rows += [first, first + width // 2]
    return torch.cat(rows)


def head_groups(of_heads: Tensor, heads: int, size: int, width: int) -> list[Tensor]:
    """For each of a student's heads the teacher's heads, of this width, that it joins to become `size` wide."""
    joined = -(-size // width)  # rounded up
    kept = largest(of_heads, heads * joined)
    return [
        kept[torch.arange(first, first + joined, device=kept.device) % len(kept)]
        for first in range(0, heads * joined, joined)
    ]
