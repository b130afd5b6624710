"""A student that is no plain BERT: transformers can hold it, but neither save nor load it as one."""

from __future__ import annotations

from typing import Any

from transformers import BertForSequenceClassification

from labcore.config.spec import SpecError
from labcore.models.structure import structure_of


class NonstandardBertForSequenceClassification(BertForSequenceClassification):
    """A BERT classifier with fewer heads, fewer neurons in some layers, or factors in place of matrices.

    Its `save_pretrained` would write a folder that transformers fills with random weights, without an error.
    """

    def save_pretrained(self, *args: Any, **kwargs: Any) -> None:
        """Refuse, and say what to call instead. Raises SpecError, always."""
        raise SpecError(
            "this student is no plain BERT: transformers would load it again with random weights, without a word; save it "
            "with labcore.compress.student_folder.save(student, folder, spec, tokenizer, counts), or derive it again with "
            "`python -m labcore derive`, and load it with labcore.compress.load(folder)"
        )


def mark_if_nonstandard(model: BertForSequenceClassification) -> None:
    """Make a model that is no plain BERT refuse `save_pretrained`, and one that is plain allow it."""
    plain = structure_of(model).plain
    if isinstance(model, NonstandardBertForSequenceClassification) == plain:
        model.__class__ = BertForSequenceClassification if plain else NonstandardBertForSequenceClassification
