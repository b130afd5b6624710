"""The accuracy of a built-in teacher, measured in a second or two: on some validation examples of its task."""

from __future__ import annotations

from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.evaluate.metrics import accuracy, predict
from labcore.runs.cache import cached_teacher
from labcore.runs.teacher_models import max_tokens, tokenizer_for


def teacher_accuracy(teacher: str, task: str, examples: int) -> float:
    """The fraction of `examples` validation examples, spread over the split, that a teacher classifies correctly.

    Raises TeacherError if the teacher can't be loaded.
    """
    chosen = load_task(task).splits["validation"].spread(examples)
    encoded = encode(tokenizer_for(teacher), chosen, max_tokens(teacher, task))
    return accuracy(predict(cached_teacher(teacher, task), encoded), encoded.labels)
