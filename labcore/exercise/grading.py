"""Submissions graded: every result is recomputed from the specs, so that a typed-in one can't pass."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from labcore.config.spec import Spec
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, best_slot, results_of
from labcore.exercise.rules import ACCURACY_TOLERANCE, ROUNDING, dominator
from labcore.exercise.submission_checks import NEEDED_TO_RUN, RECOMPUTED, Check, Grade, passed_unless
from labcore.results.events import Event
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store


def submitted_specs(grade: Grade) -> tuple[Spec, ...]:
    """The runs behind a submission, which the grader repeats; none if a check that they need has failed."""
    passed = {check.name for check in grade.checks if check.outcome == "passed"}
    return grade.submission.attempt.specs if grade.submission and passed >= NEEDED_TO_RUN else ()


def run_missing(specs: Sequence[Spec], store: Store) -> Generator[tuple[Spec, Event], None, dict[Spec, str]]:
    """Run each spec that the store has not finished; yields their events, and returns why runs failed, by spec.

    Raises OSError if the store refuses a run; no submission is to blame for that.
    """
    failed: dict[Spec, str] = {}
    for spec in specs:
        if store.find(spec) is None:
            try:
                for event in execute_and_store(spec, store.create(spec), store):
                    yield spec, event
            except OSError:  # this machine's disk
                raise
            except Exception as error:  # whatever one submission requests, the others are graded
                failed[spec] = " ".join(f"{error}".split()) or type(error).__name__
    return failed


def recompute(grade: Grade, store: Store, failed: dict[Spec, str]) -> Grade:
    """The grade with the checks of claimed results and choice against the store's runs. `failed`: of `run_missing`."""
    specs = submitted_specs(grade)
    if grade.submission is None or not specs:
        return leave_out_recomputed(grade, "not run here: see what failed above")
    if broken := [failed[spec] for spec in specs if spec in failed]:
        why = f"its run fails here: {broken[0]}"
        return grade.with_checks(*(Check(name, "failed", why) for name in RECOMPUTED))
    attempt, claimed = grade.submission.attempt, grade.submission.results
    right = results_of(attempt, store.runs())
    assert right is not None
    return replace(grade, recomputed=right).with_checks(
        _values("accuracy", claimed, right, lambda results: [*results.accuracies, results.teacher_accuracy]),
        _values("agreement", claimed, right, lambda results: [student.agreement for student in results.students]),
        _values("retention", claimed, right, lambda results: [student.retention for student in results.students]),
        _choice(attempt, right),
    )


def leave_out_recomputed(grade: Grade, why: str) -> Grade:
    """The grade with the checks that need training as not recomputed; unchanged if the file is no submission."""
    if grade.submission is None:
        return grade
    checks = [Check(name, "not recomputed", why) for name in RECOMPUTED]
    if grade.submission.attempt.choice is None:
        checks[-1] = _no_choice()
    return grade.with_checks(*checks)


def _values(
    name: str, claimed: AttemptResults, right: AttemptResults, values: Callable[[AttemptResults], list[float]]
) -> Check:
    """One metric of all students (and of the teacher, last), claimed and recomputed."""
    rows = list(zip((*SLOTS, "the teacher"), values(claimed), values(right), strict=False))
    wrong = [
        f"{who}: {100 * given:.1f} % claimed, {100 * here:.1f} % here"
        for who, given, here in rows
        if abs(given - here) > ACCURACY_TOLERANCE + ROUNDING
    ]
    recomputed = ", ".join(f"{who} {100 * here:.1f} %" for who, _, here in rows)
    why = f"{recomputed} here; claimed within {100 * ACCURACY_TOLERANCE:g} points"
    return passed_unless("; ".join(wrong), name, why)


def _choice(attempt: Attempt, right: AttemptResults) -> Check:
    if attempt.choice is None:
        return _no_choice()
    chosen = SLOTS[attempt.choice]
    better = dominator(attempt.choice, right.sizes, right.accuracies)
    if better is not None:
        return Check("choice", "flagged", f"{chosen} is dominated: {SLOTS[better]} is no larger and no less accurate")
    best = SLOTS[best_slot(attempt, right)]
    return Check("choice", "passed", f"{chosen}; by the rule, within {100 * attempt.acceptable_loss:g} points, {best}")


def _no_choice() -> Check:
    return Check("choice", "failed", "none was chosen")


# -- a whole class -------------------------------------------------------------------------------------


def flag_copies(grades: Sequence[Grade]) -> list[Grade]:
    """The grades, each flagged if another person's file has the same attempt or the same reason."""
    flagged = []
    for grade in grades:
        copies = [
            f"{shared} as {other.file}"
            for other in grades
            if _person(other) != _person(grade)
            for shared in _shared(grade, other)
        ]
        flagged.append(grade.with_checks(Check("original", "flagged", "; ".join(copies))) if copies else grade)
    return flagged


def _person(grade: Grade) -> list[str]:
    """The name, without regard to case and spaces."""
    return grade.name.casefold().split()


def _shared(first: Grade, second: Grade) -> list[str]:
    """Parts of two submissions that people should not share, in words. Case and spaces of a reason do not count."""
    if first.submission is None or second.submission is None:
        return []
    one, other = first.submission.attempt, second.submission.attempt
    reason, other_reason = one.reason.lower().split(), other.reason.lower().split()
    shared = ["the same attempt"] if one.id == other.id else []
    return [*shared, "the same reason"] if reason and reason == other_reason else shared
