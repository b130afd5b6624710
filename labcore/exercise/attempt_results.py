"""The results of an attempt's runs. Page, submission and grader all compute them from a store's runs, here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from labcore.evaluate.seed_groups import seed_group
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.rules import best_trade_off
from labcore.results.run import FinishedRun, Run, finished_runs


@dataclass(frozen=True, kw_only=True)
class StudentResults:
    """A student over its seeds: exact parameters, and mean test accuracy, agreement and retention.

    runs: the ids of the runs, in the order of their seeds.
    """

    parameters: int
    accuracy: float
    agreement: float
    retention: float
    runs: tuple[str, ...]


@dataclass(frozen=True)
class AttemptResults:
    """Three students and their teacher, over all seeds that the three have finished."""

    teacher_parameters: int
    teacher_accuracy: float
    students: tuple[StudentResults, ...]

    @property
    def seeds(self) -> int:
        """The number of seeds behind each mean."""
        return len(self.students[0].runs)

    @property
    def sizes(self) -> list[int]:
        """The students' parameters."""
        return [student.parameters for student in self.students]

    @property
    def accuracies(self) -> list[float]:
        """The students' test accuracies."""
        return [student.accuracy for student in self.students]


def runs_of(attempt: Attempt, runs: Sequence[Run]) -> tuple[tuple[Run, ...], ...]:
    """Each slot's runs among these, finished or active: at most one for each of the attempt's seeds."""
    groups = (seed_group(attempt.spec(slot), runs) for slot in range(len(SLOTS)))
    return tuple(tuple(run for run in group.runs if run.spec.distil.seed < attempt.seeds) for group in groups)


def results_of(attempt: Attempt, runs: Sequence[Run]) -> AttemptResults | None:
    """The results over the seeds that all three students have finished among these runs; None if there is none."""
    by_slot = [{run.spec.distil.seed: run for run in finished_runs(group)} for group in runs_of(attempt, runs)]
    seeds = sorted(set.intersection(*(set(group) for group in by_slot)))
    if not seeds:
        return None
    students = tuple(_student([group[seed] for seed in seeds]) for group in by_slot)
    first = by_slot[0][seeds[0]]
    return AttemptResults(first.counts.teacher.total, first.result.teacher_accuracy, students)


def runs_behind(results: AttemptResults, runs: Sequence[Run]) -> list[Run]:
    """Those of `runs` that the results are means of."""
    ids = {run_id for student in results.students for run_id in student.runs}
    return [run for run in runs if run.id in ids]


def _student(runs: Sequence[FinishedRun]) -> StudentResults:
    results = [run.result for run in runs]
    return StudentResults(
        parameters=runs[0].counts.student.total,
        accuracy=mean(result.accuracy for result in results),
        agreement=mean(result.agreement for result in results),
        retention=mean(result.retention for result in results),
        runs=tuple(run.id for run in runs),
    )


def best_slot(attempt: Attempt, results: AttemptResults) -> int:
    """The slot of the best trade-off, with the acceptable loss of accuracy that the person chose."""
    return best_trade_off(results.sizes, results.accuracies, results.teacher_accuracy, attempt.acceptable_loss)
