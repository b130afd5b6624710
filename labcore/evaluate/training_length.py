"""How long students were trained, and whose training was much shorter than that of their like."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from labcore.config.spec import Spec
from labcore.data.tasks import split_sizes
from labcore.evaluate.baselines import training_steps
from labcore.evaluate.provenance import teacher_of
from labcore.results.run import FinishedRun

MUCH_SHORTER = 0.5  # below this fraction of another training, a lower accuracy may come from the length alone


@dataclass(frozen=True, kw_only=True)
class TrainingLength:
    """The length of a training: optimiser steps, and how often it read its training data.

    measured: whether the run's speed gave the steps, because its length was set in seconds. most: whether patience may
    have ended it earlier.
    """

    steps: int
    epochs: float
    batch_size: int
    measured: bool = False
    most: bool = False

    @property
    def examples(self) -> int:
        """The examples that the training read, repeated ones included."""
        return self.steps * self.batch_size


def training_length(run: FinishedRun) -> TrainingLength:
    """The length of a finished run's training. Raises SpecError if the lab has no such task."""
    config = run.spec.distil
    steps = training_steps(run.spec)
    measured = steps is None
    if steps is None:
        steps = round((config.seconds or 0) * run.result.examples_per_second / config.batch_size)
    return TrainingLength(
        steps=steps,
        epochs=steps * config.batch_size / _epoch(run.spec),
        batch_size=config.batch_size,
        measured=measured,
        most=config.patience is not None,
    )


def _epoch(spec: Spec) -> int:
    """The examples that one epoch reads."""
    return split_sizes(spec.task)["train"] + spec.distil.transfer


def much_shorter(runs: Sequence[FinishedRun], shipped: Collection[str] = ()) -> set[str]:
    """The ids of the runs that read less than half as many examples in training as one that they compare with.

    A run compares with all runs of the same student and teacher. It also compares with the reference run of its task
    that is nearest in parameters. shipped: the ids of the reference runs.
    """
    examples = {run.id: training_length(run).examples for run in runs}
    longest: dict[object, int] = {}
    for run in runs:
        student = _student(run)
        longest[student] = max(longest.get(student, 0), examples[run.id])
    references = [run for run in runs if run.id in shipped]
    short = set()
    for run in runs:
        like = longest[_student(run)]
        if (near := _nearest(run, references)) is not None:
            like = max(like, examples[near.id])
        if examples[run.id] < MUCH_SHORTER * like:
            short.add(run.id)
    return short


def _student(run: FinishedRun) -> object:
    """What two runs share if they train one student, however they train it."""
    return run.spec.steps, run.spec.task, teacher_of(run)


def _nearest(run: FinishedRun, references: Sequence[FinishedRun]) -> FinishedRun | None:
    """The reference run of the run's task that is nearest in parameters; None if there is none."""
    same_task = [each for each in references if each.spec.task == run.spec.task]
    own = run.counts.student.total
    return min(same_task, key=lambda each: abs(each.counts.student.total - own), default=None)
