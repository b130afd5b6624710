"""What the three runs of an attempt came to. The page, the hand-in and the grader all take it from runs in a store, here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean

from labcore.config.spec import SpecError
from labcore.evaluate.seed_groups import seed_groups
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.results.record import Comparison, Run
from labcore.runs.cache import counted

MAX_GROWTH = 2.0  # of the teacher's parameters, on the way to a student: what is larger is not built


@dataclass(frozen=True)
class StudentFigures:
    """A student over its seeds: exact parameters, and means of test accuracy, agreement, and accuracy over the teacher's.

    runs: the ids of the runs, in the order of their seeds.
    """

    parameters: int
    accuracy: float
    agreement: float
    retention: float
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Three students and their teacher, over as many seeds as all three have finished."""

    teacher_parameters: int
    teacher_accuracy: float
    students: tuple[StudentFigures, ...]

    @property
    def seeds(self) -> int:
        """How many seeds each figure is a mean of."""
        return len(self.students[0].runs)

    @property
    def sizes(self) -> list[int]:
        """The students' parameters."""
        return [student.parameters for student in self.students]

    @property
    def accuracies(self) -> list[float]:
        """The students' test accuracies."""
        return [student.accuracy for student in self.students]


def compared(attempt: Attempt) -> tuple[Comparison | str | None, ...]:
    """Each slot's student beside the teacher; why it can't be made, in words; or None where the slot is empty."""
    return tuple(None if s.steps is None else _compared(attempt, i) for i, s in enumerate(attempt.slots))


def _compared(attempt: Attempt, slot: int) -> Comparison | str:
    """Step by step, so that steps that make a student far larger than its teacher are told, not carried out."""
    spec = attempt.spec(slot)
    comparison: Comparison | None = None
    for done in range(len(spec.steps) + 1):
        try:
            comparison = counted(replace(spec, steps=spec.steps[:done]))
        except SpecError as error:
            return str(error)
        if comparison.ratio > MAX_GROWTH:
            return f"after step {done} it is {comparison.ratio:,.0f} times as large as its teacher; make it smaller"
    assert comparison is not None
    return comparison


def runs_of(attempt: Attempt, runs: Sequence[Run]) -> tuple[tuple[Run, ...], ...]:
    """Of each slot its runs among these, finished or on their way, one for each of the attempt's seeds at most."""
    series = (seed_groups(attempt.spec(slot), runs) for slot in range(len(SLOTS)))
    return tuple(tuple(run for run in one.runs if run.spec.distil.seed < attempt.seeds) for one in series)


def figures(attempt: Attempt, runs: Sequence[Run]) -> Figures | None:
    """The figures of the seeds that all three students have finished among these runs; None where there is no such seed."""
    by_slot = [{run.spec.distil.seed: run for run in group if run.result} for group in runs_of(attempt, runs)]
    seeds = sorted(set.intersection(*(set(group) for group in by_slot)))
    if not seeds:
        return None
    students = tuple(_student([group[seed] for seed in seeds]) for group in by_slot)
    first = by_slot[0][seeds[0]]
    assert first.result is not None
    assert first.counts is not None
    return Figures(first.counts.teacher.total, first.result.teacher["accuracy"], students)


def _student(runs: Sequence[Run]) -> StudentFigures:
    results = [run.result for run in runs if run.result]
    counts = runs[0].counts
    assert counts is not None
    return StudentFigures(
        counts.student.total,
        mean(result.student["accuracy"] for result in results),
        mean(result.student["agreement"] for result in results),
        mean(result.student["accuracy"] / result.teacher["accuracy"] for result in results),
        tuple(run.id for run in runs),
    )
