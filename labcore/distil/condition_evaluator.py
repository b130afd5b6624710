"""The same examples under several conditions of a spurious cue, evaluated during a training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from labcore.data.batches import Encoded
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.models.classifier import Classifier
from labcore.results.events import ConditionAccuracy


@dataclass(frozen=True)
class ConditionEvaluator:
    """conditions: by name, the examples in the student's tokens, and the teacher's logits (N, C) for them."""

    conditions: Mapping[str, tuple[Encoded, Tensor]]

    def measure(self, student: Classifier, step: int) -> ConditionAccuracy:
        """By condition: the student's accuracy, its agreement with the teacher, and the teacher's accuracy."""
        accuracies, agreements, of_teacher = {}, {}, {}
        for name, (encoded, teacher_logits) in self.conditions.items():
            logits = predict(student, encoded)
            accuracies[name] = accuracy(logits, encoded.labels)
            agreements[name] = agreement(logits, teacher_logits)
            of_teacher[name] = accuracy(teacher_logits, encoded.labels)
        return ConditionAccuracy(step=step, accuracy=accuracies, agreement=agreements, teacher_accuracy=of_teacher)
