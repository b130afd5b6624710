"""From a teacher to a student: a list of steps, applied in order to a copy."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from transformers import BertForSequenceClassification

from labcore.spec import Factorise, KeepLayers, Manual, Prune, SpecError, Step
from labcore.student.factorise import factorise
from labcore.student.layers import keep_layers
from labcore.student.manual import manual
from labcore.student.prune import prune
from labcore.student.student import Student


class WeightsNeeded(SpecError):
    """A count that depends on the weights' values, asked of an architecture that has none."""


def derive(teacher: BertForSequenceClassification, steps: Sequence[Step]) -> Student:
    """The student that `steps` make of `teacher`, which stays as it is, byte for byte.

    Works on the meta device too, where it makes the same shapes and the same number of zeros.
    Raises SpecError for a step that this teacher does not allow.
    """
    student = Student(copy.deepcopy(teacher))
    pruned = False
    for step in steps:
        if pruned and isinstance(step, Manual | Factorise):
            raise SpecError(f"'{step.kind}' after 'prune' would make new matrices without the zeros; put 'prune' last")
        if student.unplaced:
            raise WeightsNeeded(
                "after a global prune, what the next step meets depends on the weights; put the prune last, "
                "or use a teacher that has weights"
            )
        match step:
            case KeepLayers():
                keep_layers(student, step)
            case Manual():
                manual(student, step)
            case Factorise():
                factorise(student, step)
            case Prune():
                prune(student, step)
                pruned = True
    return student
