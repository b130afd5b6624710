"""The parameters of an attempt's models by their shapes, for machines without its teacher.

A teacher of your own is on its server only, and `count_parameters` runs on a person's own machine. There a stand-in of
the same shapes is counted: the totals of the counting line depend on nothing else.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import torch
from torch import nn

from labcore.config.spec import SpecError
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.counting_line import Shapes
from labcore.runs.cache import blueprint, cached_student
from labcore.teacher.own_teachers import is_own


def shapes_of(attempt: Attempt) -> tuple[Shapes, ...] | None:
    """The shapes of the teacher and of the three students; None if every machine has the teacher.

    Raises SpecError if a student can't be made.
    """
    if not is_own(attempt.teacher):
        return None
    specs = [replace(attempt.spec(0), steps=()), *(attempt.spec(slot) for slot in range(len(SLOTS)))]
    models = []
    for spec in specs:
        try:
            models.append(blueprint(spec).model)
        except SpecError:  # its shapes depend on the values of weights
            models.append(cached_student(spec).model)
    return tuple(_shapes(model) for model in models)


def stand_in(shapes: Shapes) -> nn.Module:
    """A module with parameters of these shapes, and random values."""
    generator = torch.Generator().manual_seed(0)
    sizes = [size for number, *size in shapes for _ in range(number)]
    return nn.ParameterList(nn.Parameter(torch.randn(size, generator=generator)) for size in sizes)


def _shapes(model: nn.Module) -> Shapes:
    counted = Counter(tuple(parameter.shape) for parameter in model.parameters())
    return tuple((counted[shape], *shape) for shape in sorted(counted))
