"""A student that is no plain member of its family: transformers can hold it, but neither save nor load it."""

from __future__ import annotations

from typing import Any

from labcore.config.spec import SpecError
from labcore.models.classifier import Classifier
from labcore.models.structure import structure_of


def mark_if_nonstandard(model: Classifier) -> None:
    """Make a model reject `save_pretrained` if it is no plain member of its family.

    It has fewer heads, fewer neurons in some layers, factors, or a norm that its family's first layer does not have.
    transformers' own `save_pretrained` would write a folder that it later fills with random weights, without an error.
    """
    if structure_of(model).plain:
        model.__dict__.pop("save_pretrained", None)
    else:
        model.__dict__["save_pretrained"] = reject_save


def reject_save(*args: Any, **kwargs: Any) -> None:
    """Stand in for `save_pretrained` and name what to call instead. Raises SpecError, always."""
    raise SpecError(
        "this student is no plain member of its family: transformers would load it again with random weights, without "
        "a word; save it with labcore.compress.student_folder.save(student, folder, spec, tokenizer, counts), or "
        "derive it again with `python -m labcore derive`, and load it with labcore.compress.load(folder)"
    )
