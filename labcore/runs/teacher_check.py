"""Whether a brought teacher does the task that it is to teach: its tokens, the order of its labels, and its accuracy.

labcore.teacher.load checks its files. A teacher that is loaded wrongly still predicts something for every example, so
this module measures it on some of the task's validation examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from scipy.optimize import linear_sum_assignment

from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.tasks import Task, load_task
from labcore.evaluate.against_teacher import confusion
from labcore.evaluate.metrics import predict
from labcore.models.classifier import Classifier
from labcore.runs.cache_keys import TeacherKey, teacher_key
from labcore.runs.teacher_models import load_for, max_tokens, sizes_of, tokenizer_for
from labcore.teacher.built_in import TEACHERS
from labcore.teacher.location import TeacherError

EXAMPLES = 256  # of the validation split, evenly spread over it
MAX_UNKNOWN = 0.5  # of the tokens may be [UNK]
SURE = 2.0  # standard errors


@dataclass(frozen=True)
class TeacherCheck:
    """Measurements of a teacher on some of its task's examples.

    unknown: the fraction of [UNK] among their tokens. matrix: the confusion matrix, a row for each true label.
    """

    unknown: float
    matrix: tuple[tuple[int, ...], ...]

    @property
    def examples(self) -> int:
        """How many examples were evaluated."""
        return sum(map(sum, self.matrix))

    @property
    def accuracy(self) -> float:
        """The teacher's accuracy on them."""
        return sum(row[i] for i, row in enumerate(self.matrix)) / self.examples

    @property
    def majority(self) -> float:
        """The accuracy of always predicting the most frequent class."""
        return max(map(sum, self.matrix)) / self.examples

    @property
    def best_order(self) -> tuple[tuple[int, ...], float]:
        """For each true label the classifier's row that fits it best, each row once, and the accuracy in that order."""
        table = torch.tensor(self.matrix)
        _, columns = linear_sum_assignment(table, maximize=True)
        order = tuple(int(column) for column in columns)
        return order, float(sum(table[i, column] for i, column in enumerate(order))) / self.examples


def check_teacher(name: str, task: str) -> TeacherCheck | None:
    """Evaluate a brought teacher on some validation examples of the task; None for the lab's own, which have tests.

    Raises TeacherError if the teacher and the task differ in their number of classes, or if most tokens are [UNK]. It
    raises it, too, if the labels are in another order, or if the teacher is no better than always predicting one
    class.
    """
    check_classes(name, task)
    if name in TEACHERS:
        return None
    examples = load_task(task).teacher_splits["validation"].spread(EXAMPLES)
    measured = _measured(teacher_key(name, task), examples.fingerprint)
    check(measured, name, load_task(task))
    return measured


def check_classes(name: str, task: str) -> None:
    """Raise TeacherError unless the teacher has as many classes as the task."""
    labels, wanted = sizes_of(name).labels, len(load_task(task).label_names)
    if labels != wanted:
        raise TeacherError(
            f"teacher {name!r} has {labels} classes, but task {task!r} has {wanted}; give a teacher and a task that "
            "belong together, such as 'news' for both"
        )


def check(measured: TeacherCheck, name: str, task: Task) -> None:
    """Raises TeacherError if by these measurements the teacher is loaded wrongly, or does not do the task."""
    accuracy, majority, n = measured.accuracy, measured.majority, measured.examples
    if measured.unknown > MAX_UNKNOWN:
        raise TeacherError(
            f"the tokenizer of {name} reads {100 * measured.unknown:.0f} % of the tokens of task {task.name!r} as "
            "unknown ([UNK]); give the tokenizer that the teacher was trained with"
        )
    order, better = measured.best_order
    error = (accuracy * (1 - accuracy) / n + better * (1 - better) / n) ** 0.5
    if order != tuple(range(len(order))) and better - accuracy > SURE * error and better > majority:
        names = [task.label_names[order.index(row)] for row in range(len(order))]
        raise TeacherError(
            f"the labels of {name} are in another order than those of task {task.name!r}: as they are, it is right for "
            f"{_percent(accuracy)} of {n} validation examples, in the order {', '.join(names)} for "
            f"{_percent(better)}; write "
            f'"id2label": {_as_json(names)} into its config.json'
        )
    if accuracy <= majority:
        raise TeacherError(
            f"the teacher {name} is right for {_percent(accuracy)} of {n} validation examples of task {task.name!r}, "
            f"and always predicting the most frequent class is for {_percent(majority)}: it does not do this task, "
            "or its tokenizer is another one (cased for uncased, say); give a teacher that was fine-tuned on it, or "
            "one that was trained longer"
        )


@lru_cache(maxsize=32)
def _measured(key: TeacherKey, data: str) -> TeacherCheck:
    """The measurements of this key's teacher on the task's examples, whose hash is `data`."""
    examples = load_task(key.task).teacher_splits["validation"].spread(EXAMPLES)
    return measure(load_for(key.name, key.task).model, key.name, key.task, examples)


def measure(model: Classifier, name: str, task: str, examples: Examples) -> TeacherCheck:
    """Evaluate a model on examples of a task, in the tokens of the teacher called `name`."""
    tokenizer = tokenizer_for(name)
    encoded = encode(tokenizer, examples, max_tokens(name, task))
    inner = [token for row in encoded.tokens for token in row[1:-1]]
    unknown = inner.count(tokenizer.unk_token_id) / max(1, len(inner)) if tokenizer.unk_token_id is not None else 0.0
    return TeacherCheck(unknown, confusion(predict(model, encoded), encoded.labels))


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _as_json(names: Sequence[str]) -> str:
    return "{" + ", ".join(f'"{i}": "{name}"' for i, name in enumerate(names)) + "}"
