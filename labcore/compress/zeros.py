"""The zeros of a student that nobody pruned, as far as they are known without its weights.

`nonzero` means: parameters whose value is not 0, whoever made the others so. With weights they are counted. On the meta
device there are none, so what is known of the teacher's zeros, and of a new model's (its biases, the padding row), is
carried along as each step changes a tensor. If a step's outcome depends on values, `WeightsNeeded` says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from labcore.compress.student import Student, WeightsNeeded
from labcore.config.spec import Factorise, FactoriseEmbeddings, Manual, PruneHeads, PruneNeurons, Step, TrimVocabulary
from labcore.models import encoder

Zeros = dict[
    str, Tensor
]  # by parameter name, how many zeros each of its rows has, (rows,); parameters without are absent


def zeros_in(model: nn.Module) -> Zeros:
    """The zeros in a model with weights; a vector or scalar counts as one number a row."""
    found = {name: (p == 0).reshape(len(p) if p.dim() else 1, -1).sum(1) for name, p in model.named_parameters()}
    return {name: rows for name, rows in found.items() if int(rows.sum())}


def carry_zeros(student: Student, before: Mapping[str, nn.Parameter], step: Step) -> None:
    """Bring `student.natural` up to date after a step on the meta device. `before` are the parameters that it found.

    A parameter that is still the same object keeps its zeros, under its new name. Raises WeightsNeeded if the step made a
    new tensor of one that holds zeros, and only the values tell how many are left.
    """
    if not student.on_meta or student.natural is None:
        return
    held = student.natural
    if isinstance(step, Manual) and not _same(before, student):
        if step.init == "teacher" and any(bool((rows == before[name][0].numel()).any()) for name, rows in held.items()):
            raise _unknown(step)  # what is all zeros may stay so; a number that is 0 by chance does not
        student.natural = encoder.zeros_at_random(student.model) if step.init == "random" else {}
        return
    names = {id(parameter): name for name, parameter in before.items()}
    natural: Zeros = {}
    for name, parameter in student.model.named_parameters():
        old = names.get(id(parameter))
        source = _source(name, before) if old is None else old
        if source not in held:
            continue
        rows = held[source] if old else _left(name, held[source], before[source], parameter, student, step)
        if int(rows.sum()):
            natural[name] = rows
    student.natural = natural


def total_zeros(student: Student) -> dict[str, int]:
    """By parameter name, how many of a student's numbers are 0; without weights as many as are known to be.

    A pruning chooses the smallest numbers, so it takes the zeros that are there first: of both, the larger is the number.
    The zeros of a global pruning without weights have no place, so they are not in it: see `Student.unplaced`.
    """
    if not student.on_meta:
        return {name: int(rows.sum()) for name, rows in zeros_in(student.model).items()}
    natural = {name: int(rows.sum()) for name, rows in (student.natural or {}).items()}
    return {name: max(natural.get(name, 0), student.zeros.get(name, 0)) for name in natural | student.zeros}


def _left(name: str, rows: Tensor, old: nn.Parameter, new: nn.Parameter, student: Student, step: Step) -> Tensor:
    """The zeros a row of the new tensor called `name`, which was made of one with these zeros."""
    match step:
        case TrimVocabulary():
            return rows[torch.tensor(student.vocabulary)]
        case PruneHeads() | PruneNeurons() if int(rows.min()) == old[0].numel():  # all of it is 0, as a new bias is
            return torch.full((len(new),), new[0].numel())
        case Factorise(method="svd") if name.endswith(".bias"):  # by activations, the inputs' mean goes into it
            return rows
        case FactoriseEmbeddings() if name.endswith(".up.weight"):
            return torch.zeros(len(new), dtype=torch.long)
        case FactoriseEmbeddings() if set(rows.tolist()) <= {0, old.shape[1]}:  # a row of zeros has a code of zeros
            return rows // old.shape[1] * new.shape[1]
    raise _unknown(step)


def _unknown(step: Step) -> WeightsNeeded:
    return WeightsNeeded(
        f"'{step.kind}' makes a new tensor of one that holds zeros, so how many are left depends on the weights; use a "
        "teacher that has weights"
    )


def _source(name: str, before: Mapping[str, nn.Parameter]) -> str:
    """The parameter of before that a new one was made of: of the same name, or the one whose factor it is."""
    if name in before:
        return name
    path, _, kind = name.rpartition(".")
    return f"{path.rpartition('.')[0]}.{kind}"


def _same(before: Mapping[str, nn.Parameter], student: Student) -> bool:
    """Whether the student still has the parameters that it had."""
    return set(map(id, before.values())) == set(map(id, student.model.parameters()))
