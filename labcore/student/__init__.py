"""Deriving students. `load` is here because it is what one wants of a saved student first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import BertForSequenceClassification


def load(folder: str | os.PathLike[str]) -> BertForSequenceClassification:
    """The model that `python -m labcore derive` or a run saved in a folder, in evaluation mode, logits as they were.

    Raises labcore.spec.SpecError for a folder that is not a student's, or not whole.
    """
    from labcore.student.folder import load_student  # torch is not imported before it is needed

    return load_student(os.fspath(folder)).model
