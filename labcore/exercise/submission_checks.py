"""What is checked of a hand-in before anything is trained: the file, the students, the counts, the order of things.

A hand-in is data and is never run. What it says of time (when the prediction was made) can't be computed again: there the
file is checked to agree with itself, no more, and the check says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from labcore.config.spec import SpecError
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import Figures, compared
from labcore.exercise.rules import (
    COUNT_TOLERANCE,
    MIN_WORDS,
    config_problem,
    count_right,
    design_problems,
    words_missing,
)
from labcore.exercise.stages import ratios
from labcore.exercise.submission import Submission, read_submission
from labcore.results.counts import Comparison

Outcome = Literal["passed", "failed", "flagged", "not recomputed"]
RECOMPUTED = ("accuracy", "agreement", "retention", "choice")  # the checks that need training
CHECKS = ("file", "name", "students", "lesson", "own counts", "counts", "prediction", "reason", *RECOMPUTED, "original")


@dataclass(frozen=True)
class Check:
    """One thing that was checked, how it came out, and why, in one line."""

    name: str
    outcome: Outcome
    why: str


@dataclass(frozen=True)
class Grade:
    """A hand-in's checks; `hand_in` is None where the file is none, `recomputed` where its students were not run here."""

    file: str
    checks: tuple[Check, ...]
    submission: Submission | None = None
    recomputed: Figures | None = None

    @property
    def outcome(self) -> Outcome:
        """The whole: failed where one check failed, passed only where everything was recomputed. A flag is for people to look at."""
        outcomes = {check.outcome for check in self.checks}
        worst_first: tuple[Outcome, ...] = ("failed", "not recomputed", "flagged", "passed")
        return next(outcome for outcome in worst_first if outcome in outcomes)

    @property
    def name(self) -> str:
        """Whose it is, as the file says."""
        return self.submission.attempt.name if self.submission else ""

    def with_checks(self, *checks: Check) -> Grade:
        """The grade with further checks."""
        return replace(self, checks=(*self.checks, *checks))


def looked_through(path: Path, name: str) -> Grade:
    """The checks of a file that need no training. `name` is how the grade calls the file."""
    try:
        submission = read_submission(path)
    except SpecError as error:
        return Grade(name, (Check("file", "failed", " ".join(str(error).split())),))
    attempt = submission.attempt
    comparisons = compared(attempt)
    checks = (
        Check("file", "passed", f"made on {submission.date[:16]}, {submission.machine}"),
        _named(attempt),
        _students(comparisons),
        _lesson(attempt),
        _own_counts(attempt, comparisons),
        _counts(submission.figures, comparisons),
        _prediction(attempt),
        _reason(attempt),
    )
    return Grade(name, checks, submission)


def said(name: str, problem: str, right: str) -> Check:
    """A check that failed with a problem, or passed where there is none."""
    return Check(name, "failed", problem) if problem else Check(name, "passed", right)


def _named(attempt: Attempt) -> Check:
    return said("name", "" if attempt.name.strip() else "there is no name in it", attempt.name)


def _students(comparisons: Sequence[Comparison | str | None]) -> Check:
    problems = design_problems(ratios(comparisons))
    sizes = ", ".join(
        f"{n} {100 * c.ratio:.1f} %" for n, c in zip(SLOTS, comparisons, strict=True) if isinstance(c, Comparison)
    )
    return said("students", "; ".join(problems), f"{sizes} of the teacher")


def _lesson(attempt: Attempt) -> Check:
    return said("lesson", config_problem(attempt), "the same for all three, and short enough to run again")


def _own_counts(attempt: Attempt, comparisons: Sequence[Comparison | str | None]) -> Check:
    known = [one for one in comparisons if isinstance(one, Comparison)]
    if len(known) < len(SLOTS):
        return Check("own counts", "failed", "not all students can be made, so not all can be counted")
    rows = [
        ("the teacher", attempt.teacher_count, known[0].teacher.total),
        *((name, slot.count, one.student.total) for (name, slot), one in zip(attempt.named, known, strict=True)),
    ]
    if attempt.shown:
        return Check("own counts", "flagged", "the right counts were looked at")
    wrong = [f"{name}: {'none' if given is None else f'{given:,}'}, it has {right:,}" for name, given, right in rows
             if given is None or not count_right(given, right)]  # fmt: skip
    return said("own counts", "; ".join(wrong), f"all within {100 * COUNT_TOLERANCE:g} %")


def _counts(claimed: Figures, comparisons: Sequence[Comparison | str | None]) -> Check:
    rows = [
        (name, given.parameters, one.student.total if isinstance(one, Comparison) else None)
        for name, given, one in zip(SLOTS, claimed.students, comparisons, strict=True)
    ]
    teacher = next((one.teacher.total for one in comparisons if isinstance(one, Comparison)), None)
    rows.append(("the teacher", claimed.teacher_parameters, teacher))
    wrong = [f"{name}: {given:,} claimed, {f'{right:,} counted' if right else 'nothing to count'}"
             for name, given, right in rows if given != right]  # fmt: skip
    return said("counts", "; ".join(wrong), "as counted here, to the last one")


def _prediction(attempt: Attempt) -> Check:
    if attempt.prediction is None or attempt.predicted is None:
        return Check("prediction", "failed", "there is none")
    if attempt.begun is None:
        return Check("prediction", "failed", "the file does not say when the runs began")
    if datetime.fromisoformat(attempt.predicted) > datetime.fromisoformat(attempt.begun):
        return Check(
            "prediction", "failed", f"made at {attempt.predicted}, after the runs had begun at {attempt.begun}"
        )
    if attempt.again:
        times = "once" if attempt.again == 1 else f"{attempt.again} times"
        return Check(
            "prediction", "flagged", f"not blind: students or lesson were changed {times} after runs had begun"
        )
    return Check("prediction", "passed", f"{SLOTS[attempt.prediction]}, made before the runs, as the file says")


def _reason(attempt: Attempt) -> Check:
    words = len(attempt.reason.split())
    short = f"it has {words} words; give at least {MIN_WORDS}" if words_missing(attempt.reason) else ""
    return said("reason", short, f"{words} words")
