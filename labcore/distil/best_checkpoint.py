"""The validation of a student during training, and its best weights."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from labcore.compress.student import Student
from labcore.data.batches import Encoded
from labcore.distil.checkpoint import State
from labcore.distil.targets import Targets
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.models.placement import device_of
from labcore.results.events import Validation


def score(student: Student, validation: Encoded) -> tuple[float, float]:
    """The student's accuracy (0 to 1) and its cross-entropy in nats, in the precision of the context."""
    logits = predict(student.model, validation)
    return accuracy(logits, validation.labels), float(F.cross_entropy(logits, validation.labels))


class BestCheckpoint:
    """Validates the student and keeps its best weights: the highest accuracy, and at equal accuracy the lowest loss."""

    def __init__(self, student: Student, validation: Encoded, targets: Targets):
        self.student, self.validation, self.targets = student, validation, targets
        self.teacher_accuracy = accuracy(targets.logits, validation.labels)
        self.score = (-1.0, 0.0)
        self.without_gain = 0  # validations since the best one that counts
        self.weights: dict[str, Tensor] = {}

    def validate(self, step: int, *, counts: bool = True) -> Validation:
        """Evaluate the student now. If it does not `count`, as its pruning goes on, it can't be the best."""
        logits = predict(self.student.model, self.validation)
        labels = self.validation.labels
        now, loss = accuracy(logits, labels), float(F.cross_entropy(logits, labels))
        is_best = counts and (now, -loss) > self.score
        if is_best:
            self.score, self.without_gain = (now, -loss), 0
            self.weights = {name: tensor.clone() for name, tensor in self.student.tensors().items()}
        elif counts:
            self.without_gain += 1
        return Validation(
            step=step,
            accuracy=now,
            agreement=agreement(logits, self.targets.logits),
            loss=loss,
            teacher_accuracy=self.teacher_accuracy,
            best=is_best,
        )

    def state(self) -> State:
        """The best weights, their score, and the validations since."""
        return State(self.weights, {"score": self.score, "without_gain": self.without_gain})

    def restore(self, state: State) -> None:
        """Take over the best weights so far."""
        device = device_of(self.student.model)
        self.weights = {name: tensor.to(device, copy=True) for name, tensor in state.tensors.items()}
        accuracy_so_far, minus_loss = state.values["score"]
        self.score, self.without_gain = (accuracy_so_far, minus_loss), state.values["without_gain"]

    def restore_best(self) -> None:
        """Give the student its best weights."""
        self.student.take(self.weights)
