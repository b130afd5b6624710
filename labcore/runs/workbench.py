"""Teachers and students at hand: loaded once in a process, derived once for each design, shared by all who look.

What is here is never trained. A run derives a student of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from transformers import BertForSequenceClassification

from labcore.data.tasks import load_task
from labcore.record import Comparison
from labcore.spec import Spec, Step
from labcore.student.cost import TOKENS
from labcore.student.count import compare, count
from labcore.student.derive import derive
from labcore.student.evidence import Evidence
from labcore.student.student import Student, WeightsNeeded
from labcore.teacher.architecture import WITHOUT_WEIGHTS
from labcore.teacher.load import architecture_of, load_teacher, load_teacher_tokenizer, load_tokenizer


def counted(spec: Spec, tokens: int = TOKENS) -> Comparison:
    """Counts of the spec's teacher and student: on the meta device, or by deriving where values decide.

    `tokens` is the length of the sentence whose arithmetic is counted. Raises SpecError for steps that the teacher
    does not allow, WeightsNeeded where it has no weights and values decide.
    """
    try:
        return compare(architecture_of(spec.teacher), spec.steps, evidence_for(spec.teacher, spec.task), tokens)
    except WeightsNeeded:
        if not has_weights(spec):
            raise
        return Comparison(count(Student(teacher_at_hand(spec.teacher)), tokens), count(student_at_hand(spec), tokens))


def has_weights(spec: Spec) -> bool:
    """Whether the spec's teacher has weights to derive from, or only sizes to count."""
    return spec.teacher not in WITHOUT_WEIGHTS


def student_at_hand(spec: Spec) -> Student:
    """The spec's student with weights, to look at, not to train."""
    return _student(spec.teacher, spec.task, spec.steps)


@lru_cache(maxsize=2)
def teacher_at_hand(name: str) -> BertForSequenceClassification:
    """A teacher with weights, to look at and to copy."""
    return load_teacher(name)


@lru_cache(maxsize=8)
def evidence_for(teacher: str, task: str) -> Evidence:
    """The task's training sentences as a teacher reads them. The lab's architectures all read the same word pieces."""
    return Evidence(
        lambda: (
            load_tokenizer() if teacher in WITHOUT_WEIGHTS else load_teacher_tokenizer(teacher),
            load_task(task).splits["train"],
        )
    )


@lru_cache(maxsize=4)
def _student(teacher: str, task: str, steps: Sequence[Step]) -> Student:
    return derive(teacher_at_hand(teacher), steps, evidence_for(teacher, task))
