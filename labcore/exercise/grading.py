"""Submissions graded: every result is recomputed from the specs, so that a typed-in one can't pass."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from labcore.config.spec import Spec
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, best_slot, results_of, runs_behind
from labcore.exercise.rules import ACCURACY_TOLERANCE, ROUNDING, dominator
from labcore.exercise.student_pairs import compare_pairs
from labcore.exercise.submission_checks import NEEDED_TO_RUN, RECOMPUTED, Check, Grade, passed_unless
from labcore.exercise.teacher_here import teacher_problem
from labcore.exercise.trade_off import alternatives
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
        missing = grade.submission is not None and teacher_problem(grade.submission.attempt)
        return leave_out_recomputed(grade, "not run here: " + ("no teacher" if missing else "see what failed above"))
    if broken := [failed[spec] for spec in specs if spec in failed]:
        why = f"its run fails here: {broken[0]}"
        return grade.with_checks(*(Check(name, "failed", why) for name in RECOMPUTED))
    attempt, claimed = grade.submission.attempt, grade.submission.results
    runs = store.runs()
    right = results_of(attempt, runs)
    assert right is not None
    pairs = compare_pairs(attempt, runs_behind(right, runs), store)
    return replace(grade, recomputed=right).with_checks(
        _values("accuracy", claimed, right, lambda results: [*results.accuracies, results.teacher_accuracy]),
        _values("agreement", claimed, right, lambda results: [student.agreement for student in results.students]),
        _values("retention", claimed, right, lambda results: [student.retention for student in results.students]),
        _choice(attempt, right, alternatives(attempt, right, pairs)),
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


def _choice(attempt: Attempt, right: AttemptResults, others: Sequence[int]) -> Check:
    """others: the slots that are as defensible as the rule's."""
    if attempt.choice is None:
        return _no_choice()
    chosen = SLOTS[attempt.choice]
    better = dominator(attempt.choice, right.sizes, right.accuracies)
    if better is not None:
        return Check("choice", "flagged", f"{chosen} is dominated: {SLOTS[better]} is no larger and no less accurate")
    best = SLOTS[best_slot(attempt, right)]
    alike = "".join(f", or {SLOTS[other]}, which is smaller and not significantly different" for other in others)
    why = f"{chosen}; by the rule, within {100 * attempt.acceptable_loss:g} points, {best}{alike}"
    return Check("choice", "passed", why)


def _no_choice() -> Check:
    return Check("choice", "failed", "none was chosen")
