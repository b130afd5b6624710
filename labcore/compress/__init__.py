"""Deriving students. `load` is here because it is what one wants of a saved student first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import BertForSequenceClassification


def load(folder: str | os.PathLike[str]) -> BertForSequenceClassification:
    """The model that `python -m labcore derive` or a run saved in a folder, in evaluation mode, logits as they were.

    What was pruned stays 0 while you train it: the gradient of each zero is 0, so an optimiser that begins now leaves it.
    A copy of the model (copy.deepcopy, pickle) loses that; there call `labcore.compress.student_folder.load_student(folder)` and
    its `after_step()` after each optimiser step.
    Raises labcore.config.spec.SpecError for a folder that is not a student's, or not whole.
    """
    from labcore.compress.student_folder import load_student  # torch is not imported before it is needed

    student = load_student(os.path.expanduser(folder))
    student.hold_gradients()
    return student.model
