"""The keys of cached students, counts and calibration data: all that changes them.

A teacher's name is not enough, because its folder may get other weights; nor is a task's, because its data may change.
"""

from __future__ import annotations

from dataclasses import dataclass

from labcore.config.spec import Spec
from labcore.config.steps import Step
from labcore.data.tasks import load_task
from labcore.runs.teacher_models import max_tokens
from labcore.teacher.identity import identity_of


@dataclass(frozen=True)
class TeacherKey:
    """A teacher for a task.

    identity: the hash of its files (weights, config, tokenizer). labels: the task's label names.
    """

    name: str
    identity: str
    task: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class CalibrationKey:
    """The training examples in a teacher's tokens. data: their hash. max_tokens: of each example at most."""

    teacher: TeacherKey
    data: str
    max_tokens: int


@dataclass(frozen=True)
class DesignKey:
    """A student before training: its teacher, its calibration data, its steps, and the seed of random weights."""

    calibration: CalibrationKey
    steps: tuple[Step, ...]
    seed: int

    @property
    def teacher(self) -> TeacherKey:
        """Its teacher's key."""
        return self.calibration.teacher


def teacher_key(name: str, task: str) -> TeacherKey:
    """The key of a teacher as it is on disk now. Raises TeacherError if there is none."""
    return TeacherKey(name, identity_of(name), task, load_task(task).label_names)


def calibration_key(name: str, task: str) -> CalibrationKey:
    """The key of a task's training examples in this teacher's tokens, as both are now."""
    return CalibrationKey(teacher_key(name, task), load_task(task).splits["train"].fingerprint, max_tokens(name, task))


def design_key(spec: Spec) -> DesignKey:
    """The key of a spec's student before training. Of the training, only the seed of random weights is part of it."""
    return DesignKey(calibration_key(spec.teacher, spec.task), spec.steps, spec.distil.seed)
