"""Unstructured magnitude pruning: the smallest weights become zeros, and stay zeros while the student learns.

Han et al., 2015, https://arxiv.org/abs/1506.02626. A matrix of n numbers at sparsity s holds exactly
round(s·n) zeros, as in torch.nn.utils.prune; ties are broken by position, so the number is exact with ties too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.spec import Prune
from labcore.student.student import Student
from labcore.teacher import bert


def prunable(student: Student, embeddings: bool) -> dict[str, nn.Parameter]:
    """The weights that pruning may touch, by name: the encoder's matrices (or their factors), and the word
    embeddings where asked. Not LayerNorm, biases, positions, pooler or classifier."""
    found: dict[str, nn.Parameter] = {}
    if embeddings:
        found[bert.WORD_EMBEDDINGS] = student.model.get_parameter(bert.WORD_EMBEDDINGS)
    for path, matrix in bert.encoder_matrices(student.model).items():
        for name, module in matrix.named_modules(prefix=path):
            if isinstance(module, nn.Linear):
                found[f"{name}.weight"] = student.model.get_parameter(f"{name}.weight")
    return found


def smallest(magnitudes: Tensor, k: int) -> Tensor:
    """A mask over the flat `magnitudes` (n,), true at its k smallest; among equals the first ones."""
    if k == 0:
        return torch.zeros(magnitudes.shape, dtype=torch.bool)
    threshold = torch.kthvalue(magnitudes, k).values
    chosen = magnitudes < threshold
    ties = torch.nonzero(magnitudes == threshold).flatten()
    chosen[ties[: k - int(chosen.sum())]] = True
    return chosen


@torch.no_grad()
def prune(student: Student, step: Prune) -> None:
    """Set weights to zero and give the student the masks that hold them there."""
    weights = prunable(student, step.embeddings)
    if student.on_meta:
        _count_zeros(student, step, weights)
        return
    if step.scope == "global":
        flat = torch.cat([weight.abs().flatten() for weight in weights.values()])
        chosen = smallest(flat, round(step.sparsity * flat.numel()))
        parts = dict(zip(weights, chosen.split([weight.numel() for weight in weights.values()]), strict=True))
    else:
        parts = {name: smallest(w.abs().flatten(), round(step.sparsity * w.numel())) for name, w in weights.items()}
    for name, weight in weights.items():
        mask = ~parts[name].view_as(weight)
        if name in student.masks:  # pruned before: what is gone stays gone
            mask &= student.masks[name]
        student.masks[name] = mask
        student.zeros[name] = int((~mask).sum())
    student.after_step()


def _count_zeros(student: Student, step: Prune, weights: dict[str, nn.Parameter]) -> None:
    """The same numbers without values: zeros that are there already are the smallest, so they are chosen first."""
    if step.scope == "matrix":
        for name, weight in weights.items():
            student.zeros[name] = max(student.zeros.get(name, 0), round(step.sparsity * weight.numel()))
        return
    total = round(step.sparsity * sum(weight.numel() for weight in weights.values()))
    held = sum(student.zeros.pop(name, 0) for name in weights)
    student.unplaced = max(total, held)
