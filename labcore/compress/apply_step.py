"""Carrying out a step: the one function that depends on its kind.

The file of each kind registers its own half: `@apply_step.register(Prune)`. Only `labcore.compress.derive` calls it.
"""

from __future__ import annotations

from functools import singledispatch

from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.config import steps
from labcore.config.checks import SpecError
from labcore.config.steps import Step


@singledispatch
def apply_step(step: Step, student: Student, calibration: Calibration | None) -> None:
    """Change `student` as `step` asks. calibration: the training examples, if there are any.

    Raises SpecError if the student does not allow the step, or if its kind is one that nothing carries out.
    """
    kinds = ", ".join(steps.by_kind())
    raise SpecError(f"'{step.kind}' is a step that nothing carries out; give one of {kinds}")
