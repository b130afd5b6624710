"""What a search measures without training: sizes, the teacher, and students before training."""

from __future__ import annotations

import torch

from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.config.spec import Spec, SpecError
from labcore.count.cost import TOKENS, file_bytes, macs
from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import accuracy, predict
from labcore.runs.cache import cached_teacher, calibration_for, latency
from labcore.runs.memory import check_room_to_derive
from labcore.runs.teacher_accuracy import teacher_accuracy
from labcore.runs.teacher_models import blueprint_of, max_tokens, sizes_of, tokenizer_for
from labcore.search.search_settings import SearchSettings, Size
from labcore.search.space import Space, space_of

EXAMPLES = 400  # of the validation split, on which a student is measured before training
CALIBRATION = 64  # training examples from which that student is initialised; a run takes 256, and four times as long


def search_space(search: SearchSettings) -> Space:
    """The designs that may be proposed. Raises SpecError if the teacher is not here."""
    return space_of(sizes_of(search.teacher), search.goal.size)


def size_of(spec: Spec, size: Size) -> float:
    """The size of a spec's student as a goal measures it. Raises SpecError if the student can't be made."""
    if size == "ms":
        return latency(spec, batch=1, tokens=load_task(spec.task).mean_tokens).median_ms
    shapes = Student(blueprint_of(spec.teacher).model)  # its zeros are left out: their counts might need the weights
    student = derive(shapes, spec.steps, calibration_for(spec.teacher, spec.task))
    match size:
        case "macs":
            return float(macs(student.model, TOKENS))
        case "bytes":
            return float(file_bytes(student))
        case _:
            return float(sum(parameter.numel() for parameter in student.model.parameters()))


def measure_teacher(search: SearchSettings) -> tuple[float, float]:
    """The teacher's size, and its accuracy on the validation split. Raises SpecError if it is not here."""
    spec = Spec(teacher=search.teacher, task=search.task)
    validation = load_task(search.task).splits["validation"]
    return size_of(spec, search.goal.size), teacher_accuracy(search.teacher, search.task, len(validation))


def untrained_accuracy(spec: Spec) -> float:
    """The accuracy of a spec's student before training, on EXAMPLES validation examples spread over the split.

    Raises SpecError if the student can't be made.
    """
    try:
        student = _roughly(spec)
    except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined]
        raise SpecError(f"its weights can't be fitted to the teacher's ({error}); give larger sizes") from None
    chosen = load_task(spec.task).splits["validation"].spread(EXAMPLES)
    tokenizer = trimmed(tokenizer_for(spec.teacher), student.vocabulary)
    encoded = encode(tokenizer, chosen, max_tokens(spec.teacher, spec.task))
    return accuracy(predict(student.model, encoded), encoded.labels)


def _roughly(spec: Spec) -> Student:
    """A spec's student, initialised from fewer examples than in a run: its rank among others is what counts."""
    calibration = calibration_for(spec.teacher, spec.task)
    check_room_to_derive(spec.teacher, spec.steps, calibration)
    return derive(cached_teacher(spec.teacher, spec.task), spec.steps, calibration.of_few(CALIBRATION))
