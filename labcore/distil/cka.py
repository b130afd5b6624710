"""How alike two layers are, measured: linear CKA, and the layer map that follows from it.

Kornblith et al., 2019, Similarity of Neural Network Representations Revisited, https://arxiv.org/abs/1905.00414
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def linear_cka(x: Tensor, y: Tensor) -> float:
    """Linear centred kernel alignment of two sets of states of the same N sentences, (N, H) and (N, K): at most 1.

    HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L)) of the Gram matrices, with the unbiased estimate of HSIC (Song et al., 2012,
    equation 5), as in Nguyen et al., 2021, https://arxiv.org/abs/2010.15327: the plain one calls any two layers alike
    where there are few sentences for their width. 1 for states that are equal up to a rotation, a scale and a shift;
    about 0 for unrelated ones. Needs 4 sentences or more.
    """
    k, ell = ((states.double() @ states.double().T).fill_diagonal_(0.0) for states in (x - x.mean(0), y - y.mean(0)))
    norm = _hsic(k, k) * _hsic(ell, ell)
    return _hsic(k, ell) / norm**0.5 if norm > 0 else 0.0


def _hsic(k: Tensor, ell: Tensor) -> float:
    """n·(n − 3) times the unbiased estimate, of Gram matrices (N, N) with a diagonal of 0."""
    n = len(k)
    sums, other = k.sum(0), ell.sum(0)
    whole = sums.sum() * other.sum() / ((n - 1) * (n - 2))
    return float((k * ell).sum() + whole - 2 * (sums @ other) / (n - 2))


def similarities(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> list[list[float]]:
    """Linear CKA of every student layer (a row) with every teacher layer (a column)."""
    return [[linear_cka(ours, theirs) for theirs in teacher] for ours in student]


def similar_layer_map(similarity: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """For each student layer (a row) a teacher layer, in rising order, with the highest sum of similarities.

    Where a student has more layers than its teacher, neighbours may share one; otherwise none is taken twice.
    """
    table = torch.tensor(similarity, dtype=torch.double)  # (S, L)
    ours, theirs = table.shape
    gap = 1 if ours <= theirs else 0
    best, came_from = table[0].clone(), []
    for row in table[1:]:
        top, place = best.cummax(0)
        reachable = torch.full((theirs,), -torch.inf, dtype=torch.double)
        reachable[gap:] = top[: theirs - gap]
        came_from.append(torch.cat([place.new_zeros(gap), place[: theirs - gap]]))
        best = row + reachable
    layers = [int(best.argmax())]
    for step in reversed(came_from):
        layers.append(int(step[layers[-1]]))
    return tuple(reversed(layers))
