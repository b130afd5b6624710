"""What students, counts and calibration data that are kept in memory are known by: all that changes them.

A teacher's name is not enough, for its folder may be given other weights; nor is a task's, for its texts may change.
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
    """A teacher for a task. identity: the hash of its files (weights, config, tokenizer). labels: the task's label names."""

    name: str
    identity: str
    task: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class CalibrationKey:
    """The training examples as a teacher reads them. data: their hash. max_tokens: that are read of each at most."""

    teacher: TeacherKey
    data: str
    max_tokens: int


@dataclass(frozen=True)
class DesignKey:
    """A student before training: its teacher, what its steps may look at, the steps, and the seed of random weights."""

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
    """The key of a task's training examples, as this teacher reads them now."""
    return CalibrationKey(teacher_key(name, task), load_task(task).splits["train"].fingerprint, max_tokens(name, task))


def design_key(spec: Spec) -> DesignKey:
    """The key of a spec's student: all that makes it but the training, of which only the seed of random weights counts."""
    return DesignKey(calibration_key(spec.teacher, spec.task), spec.steps, spec.distil.seed)
