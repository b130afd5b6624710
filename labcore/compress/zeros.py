"""The zeros of a student that no pruning set, as far as they are known without its weights.

`nonzero` means: parameters whose value is not 0, whatever set the others to 0. With weights they are counted.
The meta device has no values. There, each step carries along the zeros that are known: those of the teacher, and those
of a new model (its biases, the padding row). If a step's outcome depends on values, `WeightsNeeded` reports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

import torch
from torch import Tensor, nn

from labcore.compress.student import Student, WeightsNeeded
from labcore.config.steps import Step
from labcore.models import classifier

# By parameter name, how many zeros each of its rows has, (rows,); parameters without zeros are absent.
Zeros = dict[str, Tensor]


@dataclass(frozen=True)
class Remade:
    """A parameter that a step made of another one.

    name: the new one's. zeros: how many each row of the old one has, (rows of old,); at least one row has some.
    """

    name: str
    old: nn.Parameter
    new: nn.Parameter
    zeros: Tensor


@singledispatch
def zeros_left(step: Step, made: Remade, student: Student) -> Tensor:
    """How many zeros each row of the new parameter has, (rows of new,), on the meta device.

    The file of a kind of step registers its own rule. Raises WeightsNeeded if only the values decide.
    """
    raise unknown_zeros(step)


def unknown_zeros(step: Step) -> WeightsNeeded:
    """The error for a step whose new tensor has zeros that only the weights' values decide."""
    return WeightsNeeded(
        f"'{step.kind}' makes a new tensor of one that holds zeros, so how many are left depends on the weights; use a "
        "teacher that has weights"
    )


def zeros_of_smaller(step: Step, made: Remade, student: Student) -> Tensor:
    """The rule for a step that keeps some rows or columns of a tensor: known only if all of it is 0, as a new bias is.

    Raises WeightsNeeded otherwise.
    """
    if int(made.zeros.min()) == made.old[0].numel():
        return torch.full((len(made.new),), made.new[0].numel())
    raise unknown_zeros(step)


def zeros_in(model: nn.Module) -> Zeros:
    """The zeros in a model with weights; a vector or scalar counts as one number a row."""
    rows = {name: (p == 0).reshape(len(p) if p.dim() else 1, -1).sum(1) for name, p in model.named_parameters()}
    return {name: zeros for name, zeros in rows.items() if int(zeros.sum())}


def carry_zeros(student: Student, before: Mapping[str, nn.Parameter], step: Step) -> None:
    """Bring `student.natural` up to date after a step on the meta device. before: the student's earlier parameters.

    A parameter that is still the same object keeps its zeros, under its new name.
    Raises WeightsNeeded if the step made a new tensor of one that holds zeros, and only the values decide how many
    are left.
    """
    if not student.on_meta or student.natural is None:
        return
    held = student.natural
    if step.rebuilds and not _same(before, student):
        all_zero = any(bool((zeros == before[name][0].numel()).any()) for name, zeros in held.items())
        if not step.random_weights and all_zero:
            raise unknown_zeros(step)  # a row of zeros may stay so; a number that is 0 by chance does not
        student.natural = classifier.initial_zeros(student.model) if step.random_weights else {}
        return
    names = {id(parameter): name for name, parameter in before.items()}
    natural: Zeros = {}
    for name, parameter in student.model.named_parameters():
        same = names.get(id(parameter))
        source = _source(name, before) if same is None else same
        if source not in held:
            continue
        made = Remade(name=name, old=before[source], new=parameter, zeros=held[source])
        zeros = held[source] if same else zeros_left(step, made, student)
        if int(zeros.sum()):
            natural[name] = zeros
    student.natural = natural


def total_zeros(student: Student) -> dict[str, int]:
    """By parameter name, how many of a student's elements are 0; without weights as many as are known to be.

    In a rounded matrix only the zeros that are held count: 0 is one of the values that any weight there can have.
    A pruning chooses the smallest elements, so it takes the zeros that are there first: the larger number counts.
    The zeros of a global pruning without weights have no place, so they are not in it: see `Student.unknown_zeros`.
    """
    rows = (student.natural or {}) if student.on_meta else zeros_in(student.model)
    there = {name: int(zeros.sum()) for name, zeros in rows.items() if name not in student.rounded}
    return {name: max(there.get(name, 0), student.zeros.get(name, 0)) for name in there | student.zeros}


def _source(name: str, before: Mapping[str, nn.Parameter]) -> str:
    """The earlier parameter that a new one was made of: of the same name, or the one whose factor it is."""
    if name in before:
        return name
    path, _, kind = name.rpartition(".")
    return f"{path.rpartition('.')[0]}.{kind}"


def _same(before: Mapping[str, nn.Parameter], student: Student) -> bool:
    """Whether the student still has the parameters that it had."""
    return set(map(id, before.values())) == set(map(id, student.model.parameters()))
