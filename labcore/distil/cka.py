"""Linear CKA, the similarity of two layers, and the layer map that follows from it.

Kornblith et al., 2019, Similarity of Neural Network Representations Revisited, https://arxiv.org/abs/1905.00414
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def linear_cka(x: Tensor, y: Tensor) -> float:
    """Linear centred kernel alignment of two sets of states of the same N examples, (N, H) and (N, K): at most 1.

    HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L)) of the Gram matrices, with the unbiased estimate of HSIC (Song et al., 2012,
    equation 5), as in Nguyen et al., 2021, https://arxiv.org/abs/2010.15327. The biased estimate is near 1 for any two
    layers if there are few examples for their width. The result is 1 for states that are equal up to a rotation, a
    scale and a shift, and about 0 for unrelated ones. N must be 4 or more.
    """
    k, ell = ((states.double() @ states.double().T).fill_diagonal_(0.0) for states in (x - x.mean(0), y - y.mean(0)))
    norm = _hsic(k, k) * _hsic(ell, ell)
    return _hsic(k, ell) / norm**0.5 if norm > 0 else 0.0


def _hsic(k: Tensor, ell: Tensor) -> float:
    """n·(n − 3) times the unbiased estimate, of Gram matrices (N, N) with a diagonal of 0."""
    n = len(k)
    sums, other = k.sum(0), ell.sum(0)
    both = sums.sum() * other.sum() / ((n - 1) * (n - 2))
    return float((k * ell).sum() + both - 2 * (sums @ other) / (n - 2))


def similarities(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> list[list[float]]:
    """Linear CKA of every student layer (a row) with every teacher layer (a column)."""
    return [[linear_cka(of_student, of_teacher) for of_teacher in teacher] for of_student in student]


def similar_layer_map(similarity: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """For each student layer (a row) a teacher layer, in rising order, with the highest sum of similarities.

    If a student has more layers than its teacher, neighbours may share one; otherwise none is taken twice.
    """
    table = torch.tensor(similarity, dtype=torch.double)  # (S, L)
    student_layers, teacher_layers = table.shape
    gap = 1 if student_layers <= teacher_layers else 0
    best, came_from = table[0].clone(), []
    for row in table[1:]:
        top, position = best.cummax(0)
        reachable = torch.full((teacher_layers,), -torch.inf, dtype=torch.double)
        reachable[gap:] = top[: teacher_layers - gap]
        came_from.append(torch.cat([position.new_zeros(gap), position[: teacher_layers - gap]]))
        best = row + reachable
    layers = [int(best.argmax())]
    for step in reversed(came_from):
        layers.append(int(step[layers[-1]]))
    return tuple(reversed(layers))
