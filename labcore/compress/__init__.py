"""Deriving students. `load` is here because you need it first with a saved student."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labcore.models.classifier import Classifier


def load(folder: str | os.PathLike[str]) -> Classifier:
    """The model that `python -m labcore derive` or a run saved in a folder, in evaluation mode, logits as they were.

    Pruned weights stay 0 while you train it: the gradient of each zero is 0, so a new optimiser leaves it.
    A copy of the model (copy.deepcopy, pickle) loses that. For a copy, call
    `labcore.compress.student_folder.load_student(folder)`, and its `after_step()` after each optimiser step.
    Raises labcore.config.spec.SpecError for a folder that is no student's, or is incomplete.
    """
    from labcore.compress.student_folder import load_student  # torch is not imported before it is needed

    student = load_student(os.path.expanduser(folder))
    student.hold_gradients()
    return student.model
