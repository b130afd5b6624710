"""Unstructured magnitude pruning: the smallest weights become zero, and stay zero while the student trains.

Han et al., 2015, https://arxiv.org/abs/1506.02626. A matrix of n numbers at sparsity s holds exactly
round(s·n) zeros, as in torch.nn.utils.prune; ties are broken by position, so the number is exact with ties too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.student import Student, WeightsNeeded
from labcore.compress.zeros import total_zeros
from labcore.config.checks import SpecError
from labcore.config.steps import Prune
from labcore.models import encoder


def prunable(student: Student, embeddings: bool) -> dict[str, nn.Parameter]:
    """The weights that pruning may touch, by name: the encoder's matrices, or their factors.

    embeddings: whether the word embeddings are among them.
    LayerNorm, biases, positions, pooler and classifier never are.
    """
    holders = dict([encoder.word_embeddings(student.model)]) if embeddings else {}
    return {
        name: parameter
        for path, module in (holders | encoder.encoder_matrices(student.model)).items()
        for name, parameter in module.named_parameters(prefix=path)
        if parameter.dim() == 2
    }


def smallest(magnitudes: Tensor, k: int) -> Tensor:
    """A mask over the flat `magnitudes` (n,), true at its k smallest; among equals the first ones."""
    if k == 0:
        return torch.zeros_like(magnitudes, dtype=torch.bool)
    threshold = torch.kthvalue(magnitudes, k).values
    chosen = magnitudes < threshold
    ties = torch.nonzero(magnitudes == threshold).flatten()
    return chosen.index_fill_(0, ties[: k - int(chosen.sum())], True)


def two_of_four(magnitudes: Tensor) -> Tensor:
    """A mask over `magnitudes` (out, in), true at the two smallest of every four neighbours in a row.

    The pattern that sparse tensor cores can skip (Mishra et al., 2021, https://arxiv.org/abs/2104.08378).
    """
    fours = magnitudes.unflatten(1, (-1, 4))
    order = fours.sort(dim=-1, stable=True).indices[..., :2]
    return torch.zeros_like(fours, dtype=torch.bool).scatter_(-1, order, True).flatten(1)


@apply_step.register(Prune)
@torch.no_grad()
def prune(step: Prune, student: Student, calibration: Calibration | None) -> None:
    """Set weights to zero and give the student the masks that hold them there.

    Raises SpecError for the pattern 2:4 if a row is not a multiple of 4 long.
    """
    weights = prunable(student, step.embeddings)
    if step.pattern == "2:4":
        for name, weight in weights.items():
            if weight.shape[1] % 4:
                raise SpecError(
                    f"prune.pattern 2:4 needs rows of a multiple of 4, but {name} is "
                    f"{' × '.join(map(str, weight.shape))}; give sizes and ranks that are multiples of 4, "
                    "or pattern 'free'"
                )
    if student.on_meta:
        _count_zeros(student, step, weights)
        return
    if step.scope == "global":
        flat = torch.cat([weight.abs().flatten() for weight in weights.values()])
        chosen = smallest(flat, round(step.sparsity * flat.numel()))
        sizes = [weight.numel() for weight in weights.values()]
        pruned = dict(zip(weights, chosen.split(sizes), strict=True))
    elif step.pattern == "2:4":
        pruned = {name: two_of_four(weight.abs()) for name, weight in weights.items()}
    else:
        pruned = {name: smallest(w.abs().flatten(), round(step.sparsity * w.numel())) for name, w in weights.items()}
    for name, weight in weights.items():
        mask = ~pruned[name].view_as(weight)
        if name in student.masks:  # pruned before: those weights stay zero
            mask &= student.masks[name]
        student.masks[name] = mask
        student.zeros[name] = mask.numel() - int(mask.sum())
    with student.noting_energy(encoder.encoder_matrices(student.model)):
        student.hold_zeros()


def _count_zeros(student: Student, step: Prune, weights: dict[str, nn.Parameter]) -> None:
    """The same numbers without values: zeros that are there already are the smallest, so they are chosen first."""
    there = total_zeros(student)
    if step.pattern == "2:4" and any(there.get(name) for name in weights):
        raise WeightsNeeded(
            "2:4 on weights that hold zeros: how many zeros there are depends on the weights; leave one of the two "
            "out, or use a teacher that has weights"
        )
    if step.scope == "matrix":
        for name, weight in weights.items():
            student.zeros[name] = max(student.zeros.get(name, 0), round(step.sparsity * weight.numel()))
        return
    total = round(step.sparsity * sum(weight.numel() for weight in weights.values()))
    held = sum(there.get(name, 0) for name in weights)
    student.zeros |= dict.fromkeys(weights, 0)  # pruned, each by an unknown fraction
    natural = total_zeros(student)  # now without those that were pruned; the pruning takes them first
    student.unknown_zeros = max(total, held) - sum(natural.get(name, 0) for name in weights)
