"""The checks of a submission that need no training: the file, the students, the counts, the order of events.

A submission is data and is never run. Its times, such as that of the prediction, can't be recomputed: the server's
signature shows whether they are those that the server saw (`signature_check.py`).
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
from labcore.exercise.counting_line import DRAWN
from labcore.exercise.own_counts import (
    MODELS,
    line_of_another,
    own_totals,
    proof_problem,
    right_totals,
    wrong_typed_counts,
)
from labcore.exercise.rules import COUNT_TOLERANCE, MIN_WORDS, config_problem, design_problems, words_missing
from labcore.exercise.signature_check import SIGNATURE_CHECK, Verification, Verifier
from labcore.exercise.stages import ratios
from labcore.exercise.student_comparisons import SlotComparison, compare_students, counted_students
from labcore.exercise.submission import Submission, read_submission
from labcore.exercise.teacher_here import teacher_problem
from labcore.results.counts import Comparison

Outcome = Literal["passed", "failed", "flagged", "not recomputed", "unverified"]
WORST_FIRST: tuple[Outcome, ...] = ("failed", "not recomputed", "flagged", "unverified", "passed")
CONFIG_CHECK = "lesson"  # of the training configuration; printed grades and CSV files have this name since version 1
OWN_COUNTS = "own counts"
DERIVED = ("students", CONFIG_CHECK, OWN_COUNTS, "counts")  # the checks that derive the students
NEEDED_TO_RUN = {"students", CONFIG_CHECK}  # the checks that must pass before a grader trains
PREDICTION_FIELDS = ("prediction", "predicted", "begun", "again", "within")  # as the file names them
RECOMPUTED = ("accuracy", "agreement", "retention", "choice")  # the checks that need training
CHECKS = (
    *("file", "name", *DERIVED, SIGNATURE_CHECK, "prediction", "reason"),
    *RECOMPUTED,
    "original",
)


@dataclass(frozen=True)
class Check:
    """One check, its outcome, and why, in one line."""

    name: str
    outcome: Outcome
    why: str


@dataclass(frozen=True, kw_only=True)
class Grade:
    """A submission's checks. `submission` is None if the file is not one, `recomputed` if its students were not run.

    fits: whether the file fits the attempt that it names, by its signature or its counting line; None if neither shows
    it. A copy under another id does not fit.
    """

    file: str
    checks: tuple[Check, ...]
    submission: Submission | None = None
    recomputed: AttemptResults | None = None
    fits: bool | None = None

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


def check_file(path: Path, name: str, verifier: Verifier | None = None) -> Grade:
    """The checks of a file that need no training. `name` is the grade's name for the file.

    verifier: the server's key; without it the prediction is unverified.
    """
    try:
        submission = read_submission(path)
    except SpecError as error:
        refused = Check("file", "failed", " ".join(str(error).split()))
        return Grade(file=name, checks=(refused,))
    attempt = submission.attempt
    verification = (verifier or Verifier()).verify(submission)
    derived = _derived(attempt, submission.results)
    own_counts = next(check for check in derived if check.name == OWN_COUNTS)
    checks = (
        Check("file", "passed", f"made on {submission.date[:16]}, {submission.machine}"),
        _named(attempt),
        *derived,
        Check(SIGNATURE_CHECK, verification.outcome, verification.why),
        _prediction(attempt, verification),
        _reason(attempt),
    )
    fits = _fits(attempt, own_counts, verification)
    return Grade(file=name, checks=checks, submission=submission, fits=fits)


def _derived(attempt: Attempt, claimed: AttemptResults) -> tuple[Check, ...]:
    """The checks that derive students: not recomputed on a machine without the attempt's teacher."""
    if problem := teacher_problem(attempt):
        why = f"{problem}. Grade on the machine of the class, or copy its teachers and data into this home"
        return tuple(Check(name, "not recomputed", why) for name in DERIVED)
    comparisons = compare_students(attempt)
    return (
        _students(comparisons),
        _config(attempt),
        _own_counts(attempt, comparisons),
        _counts(claimed, comparisons),
    )


def passed_unless(problem: str, name: str, why: str) -> Check:
    """A check that failed with this problem; if the problem is empty, it passed, and `why` explains that."""
    return Check(name, "failed", problem) if problem else Check(name, "passed", why)


def _fits(attempt: Attempt, own_counts: Check, verification: Verification) -> bool | None:
    if verification.by_this_server:
        return True
    if verification.foreign or line_of_another(attempt, attempt.id):
        return False
    proven = attempt.counting_line != "" and own_counts.outcome == "passed"
    return True if proven and not verification.edited else None


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
    right = right_totals(comparisons)
    if right is None:
        return Check(OWN_COUNTS, "failed", "not all students can be made, so not all can be counted")
    if attempt.shown:
        return Check(OWN_COUNTS, "flagged", "the right counts were shown")
    if attempt.counting_line:
        problem = proof_problem(attempt, attempt.id, right)
        proven = f"proven on {DRAWN} models that were drawn for this attempt"
        return passed_unless(f"its counting line: {problem}" if problem else "", OWN_COUNTS, proven)
    wrong = set(wrong_typed_counts(attempt, right))
    words = [
        f"{name}: {'none' if given is None else f'{given:,}'}, it has {total:,}"
        for name, given, total in zip(MODELS, own_totals(attempt), right, strict=True)
        if name in wrong
    ]
    if words:
        return Check(OWN_COUNTS, "failed", "; ".join(words))
    return Check(OWN_COUNTS, "flagged", f"counts typed, not proven; all within {100 * COUNT_TOLERANCE:g} %")


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


def _prediction(attempt: Attempt, verification: Verification) -> Check:
    if attempt.prediction is None or attempt.predicted is None:
        return Check("prediction", "failed", "there is none")
    if attempt.begun is None:
        return Check("prediction", "failed", "the file lacks the time when the runs began")
    if datetime.fromisoformat(attempt.predicted) > datetime.fromisoformat(attempt.begun):
        return Check(
            "prediction", "failed", f"made at {attempt.predicted}, after the runs had begun at {attempt.begun}"
        )
    if edited := [name for name in verification.edited if name in PREDICTION_FIELDS]:
        return Check("prediction", "failed", f"edited after the server signed it: {', '.join(edited)}")
    if attempt.again:
        times = "once" if attempt.again == 1 else f"{attempt.again} times"
        return Check(
            "prediction", "flagged", f"not blind: students or training were changed {times} after runs had begun"
        )
    if not verification.by_this_server:
        return Check("prediction", "unverified", f"{SLOTS[attempt.prediction]}; {verification.why}")
    return Check("prediction", "passed", f"{SLOTS[attempt.prediction]}, made before the runs, as this server signed it")


def _reason(attempt: Attempt) -> Check:
    words = len(attempt.reason.split())
    short = f"it has {words} words; give at least {MIN_WORDS}" if words_missing(attempt.reason) else ""
    return passed_unless(short, "reason", f"{words} words")
