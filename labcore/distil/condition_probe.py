"""The same texts read in several ways as a lesson goes: what a student makes of a word that says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor
from transformers import BertForSequenceClassification

from labcore.data.batches import Encoded
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.results.record import Readings


@dataclass(frozen=True)
class Probe:
    """By name of a reading, the texts in the student's word pieces, and the teacher's logits (N, C) of them."""

    groups: Mapping[str, tuple[Encoded, Tensor]]

    def look(self, student: BertForSequenceClassification, step: int) -> Readings:
        """How often the student is right in each reading, how often it says what its teacher says, and how often that is right."""
        ours = {name: predict(student, encoded) for name, (encoded, _) in self.groups.items()}
        return Readings(
            step,
            {name: accuracy(ours[name], encoded.labels) for name, (encoded, _) in self.groups.items()},
            {name: agreement(ours[name], theirs) for name, (_, theirs) in self.groups.items()},
            {name: accuracy(theirs, encoded.labels) for name, (encoded, theirs) in self.groups.items()},
        )
