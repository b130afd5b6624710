"""The checks of a submission that need no training: the file, the students, the counts, the order of events.

A submission is data and is never run. Its times, such as that of the prediction, can't be recomputed. The check can
only test that they agree with each other, and its result states so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from labcore.config.spec import SpecError
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults
from labcore.exercise.rules import (
    COUNT_TOLERANCE,
    MIN_WORDS,
    config_problem,
    count_right,
    design_problems,
    words_missing,
)
from labcore.exercise.stages import ratios
from labcore.exercise.student_comparisons import SlotComparison, compare_students, counted_students
from labcore.exercise.submission import Submission, read_submission
from labcore.results.counts import Comparison

Outcome = Literal["passed", "failed", "flagged", "not recomputed"]
WORST_FIRST: tuple[Outcome, ...] = ("failed", "not recomputed", "flagged", "passed")
CONFIG_CHECK = "lesson"  # of the training configuration; printed grades and CSV files have this name since version 1
NEEDED_TO_RUN = {"students", CONFIG_CHECK}  # the checks that must pass before a grader trains
RECOMPUTED = ("accuracy", "agreement", "retention", "choice")  # the checks that need training
CHECKS = (
    *("file", "name", "students", CONFIG_CHECK, "own counts", "counts", "prediction", "reason"),
    *RECOMPUTED,
    "original",
)


@dataclass(frozen=True)
class Check:
    """One check, its outcome, and why, in one line."""

    name: str
    outcome: Outcome
    why: str


@dataclass(frozen=True)
class Grade:
    """A submission's checks. `submission` is None if the file is not one, `recomputed` if its students were not run."""

    file: str
    checks: tuple[Check, ...]
    submission: Submission | None = None
    recomputed: AttemptResults | None = None

    @property
    def outcome(self) -> Outcome:
        """Failed if one check failed, passed only if everything was recomputed. A flag is for people to decide."""
        outcomes = {check.outcome for check in self.checks}
        return next(outcome for outcome in WORST_FIRST if outcome in outcomes)

    @property
    def name(self) -> str:
        """The person's name in the file."""
        return self.submission.attempt.name if self.submission else ""

    def with_checks(self, *checks: Check) -> Grade:
        """The grade with further checks."""
        return replace(self, checks=(*self.checks, *checks))


def check_file(path: Path, name: str) -> Grade:
    """The checks of a file that need no training. `name` is the grade's name for the file."""
    try:
        submission = read_submission(path)
    except SpecError as error:
        return Grade(name, (Check("file", "failed", " ".join(str(error).split())),))
    attempt = submission.attempt
    comparisons = compare_students(attempt)
    checks = (
        Check("file", "passed", f"made on {submission.date[:16]}, {submission.machine}"),
        _named(attempt),
        _students(comparisons),
        _config(attempt),
        _own_counts(attempt, comparisons),
        _counts(submission.results, comparisons),
        _prediction(attempt),
        _reason(attempt),
    )
    return Grade(name, checks, submission)


def passed_unless(problem: str, name: str, why: str) -> Check:
    """A check that failed with this problem; if the problem is empty, it passed, and `why` explains that."""
    return Check(name, "failed", problem) if problem else Check(name, "passed", why)


def _named(attempt: Attempt) -> Check:
    return passed_unless("" if attempt.name.strip() else "there is no name in it", "name", attempt.name)


def _students(comparisons: Sequence[SlotComparison]) -> Check:
    problems = design_problems(ratios(comparisons))
    sizes = ", ".join(
        f"{n} {100 * c.ratio:.1f} %" for n, c in zip(SLOTS, comparisons, strict=True) if isinstance(c, Comparison)
    )
    return passed_unless("; ".join(problems), "students", f"{sizes} of the teacher")


def _config(attempt: Attempt) -> Check:
    return passed_unless(
        config_problem(attempt), CONFIG_CHECK, "the same training for all three, and short enough to run again"
    )


def _own_counts(attempt: Attempt, comparisons: Sequence[SlotComparison]) -> Check:
    counted = counted_students(comparisons)
    if len(counted) < len(SLOTS):
        return Check("own counts", "failed", "not all students can be made, so not all can be counted")
    if attempt.shown:
        return Check("own counts", "flagged", "the right counts were shown")
    rows = [
        ("the teacher", attempt.teacher_count, counted[0].teacher.total),
        *((name, slot.count, one.student.total) for (name, slot), one in zip(attempt.named, counted, strict=True)),
    ]
    wrong = [
        f"{name}: {'none' if given is None else f'{given:,}'}, it has {right:,}"
        for name, given, right in rows
        if given is None or not count_right(given, right)
    ]
    return passed_unless("; ".join(wrong), "own counts", f"all within {100 * COUNT_TOLERANCE:g} %")


def _counts(claimed: AttemptResults, comparisons: Sequence[SlotComparison]) -> Check:
    rows = [
        (name, given.parameters, one.student.total if isinstance(one, Comparison) else None)
        for name, given, one in zip(SLOTS, claimed.students, comparisons, strict=True)
    ]
    teacher = next((one.teacher.total for one in counted_students(comparisons)), None)
    rows.append(("the teacher", claimed.teacher_parameters, teacher))
    wrong = [
        f"{name}: {given:,} claimed, {f'{right:,} counted' if right else 'nothing to count'}"
        for name, given, right in rows
        if given != right
    ]
    return passed_unless("; ".join(wrong), "counts", "exactly as counted here")


def _prediction(attempt: Attempt) -> Check:
    if attempt.prediction is None or attempt.predicted is None:
        return Check("prediction", "failed", "there is none")
    if attempt.begun is None:
        return Check("prediction", "failed", "the file lacks the time when the runs began")
    if datetime.fromisoformat(attempt.predicted) > datetime.fromisoformat(attempt.begun):
        return Check(
            "prediction", "failed", f"made at {attempt.predicted}, after the runs had begun at {attempt.begun}"
        )
    if attempt.again:
        times = "once" if attempt.again == 1 else f"{attempt.again} times"
        return Check(
            "prediction", "flagged", f"not blind: students or training were changed {times} after runs had begun"
        )
    why = f"{SLOTS[attempt.prediction]}, made before the runs, by the times in the file"
    return Check("prediction", "passed", why)


def _reason(attempt: Attempt) -> Check:
    words = len(attempt.reason.split())
    short = f"it has {words} words; give at least {MIN_WORDS}" if words_missing(attempt.reason) else ""
    return passed_unless(short, "reason", f"{words} words")
