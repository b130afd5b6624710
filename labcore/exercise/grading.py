"""Hand-ins graded: every figure is computed again from the specs, so that a typed-in one can't pass."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from labcore.config.spec import Spec
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import Figures, figures
from labcore.exercise.rules import ACCURACY_TOLERANCE, best_trade, dominator
from labcore.exercise.submission_checks import RECOMPUTED, Check, Grade, said
from labcore.results.events import Event
from labcore.runs.assistants import finished_run
from labcore.runs.execute import record
from labcore.runs.store import Store


def wanted(grade: Grade) -> tuple[Spec, ...]:
    """The experiments that a hand-in claims and the grader runs; none where it has failed what decides whether it may run."""
    fit = {check.name for check in grade.checks if check.outcome == "passed"}
    return grade.submission.attempt.specs if grade.submission and {"students", "lesson"} <= fit else ()


def run_again(specs: Sequence[Spec], store: Store) -> Generator[tuple[Spec, Event], None, dict[Spec, str]]:
    """Run each spec that the store has not finished; yields what happens, and returns why a run failed, where one did.

    Raises OSError if the store can't take a run: then no hand-in is graded by it.
    """
    failed: dict[Spec, str] = {}
    for spec in specs:
        if finished_run(spec, store) is None:
            try:
                for event in record(spec, store.create(spec), store):
                    yield spec, event
            except OSError:  # this machine's disk, which is no hand-in's fault
                raise
            except Exception as error:  # whatever one hand-in asks for, the others are graded
                failed[spec] = " ".join(f"{error}".split()) or type(error).__name__
    return failed


def recomputed(grade: Grade, store: Store, failed: dict[Spec, str]) -> Grade:
    """The grade with what the store's runs say of the claimed figures and of the choice."""
    specs = wanted(grade)
    if grade.submission is None or not specs:
        return not_recomputed(grade, "not run here: see what failed above")
    if broken := [failed[spec] for spec in specs if spec in failed]:
        why = f"its run fails here: {broken[0]}"
        return grade.with_checks(*(Check(name, "failed", why) for name in RECOMPUTED))
    attempt, claimed = grade.submission.attempt, grade.submission.figures
    right = figures(attempt, store.runs())
    assert right is not None
    return replace(grade, recomputed=right).with_checks(
        _figure("accuracy", claimed, right, lambda f: [*f.accuracies, f.teacher_accuracy]),
        _figure("agreement", claimed, right, lambda f: [student.agreement for student in f.students]),
        _figure("retention", claimed, right, lambda f: [student.retention for student in f.students]),
        _choice(attempt, right),
    )


def not_recomputed(grade: Grade, why: str) -> Grade:
    """The grade with the checks that need training, not made; as it is where the file is no hand-in."""
    if grade.submission is None:
        return grade
    made = [Check(name, "not recomputed", why) for name in RECOMPUTED]
    return grade.with_checks(*([*made[:-1], _none_chosen()] if grade.submission.attempt.choice is None else made))


def _figure(name: str, claimed: Figures, right: Figures, values: Callable[[Figures], list[float]]) -> Check:
    """One figure of all students (and of the teacher, last), claimed and recomputed."""
    rows = list(zip((*SLOTS, "the teacher"), values(claimed), values(right), strict=False))
    wrong = [
        f"{who}: {100 * given:.1f} % claimed, {100 * here:.1f} % here"
        for who, given, here in rows
        if abs(given - here) > ACCURACY_TOLERANCE + 1e-9
    ]
    values_here = ", ".join(f"{who} {100 * here:.1f} %" for who, _, here in rows)
    return said(name, "; ".join(wrong), f"{values_here} here; claimed within {100 * ACCURACY_TOLERANCE:g} points")


def _choice(attempt: Attempt, right: Figures) -> Check:
    if attempt.choice is None:
        return _none_chosen()
    chosen = SLOTS[attempt.choice]
    better = dominator(attempt.choice, right.sizes, right.accuracies)
    if better is not None:
        return Check("choice", "flagged", f"{chosen} is dominated: {SLOTS[better]} is no larger and no less accurate")
    best = SLOTS[best_of(attempt, right)]
    return Check("choice", "passed", f"{chosen}; by the rule, within {100 * attempt.within:g} points, {best}")


def _none_chosen() -> Check:
    return Check("choice", "failed", "none was chosen")


def best_of(attempt: Attempt, found: Figures) -> int:
    """The slot that trades best by the rule, at the distance that the person chose."""
    return best_trade(found.sizes, found.accuracies, found.teacher_accuracy, attempt.within)


# -- a whole class -------------------------------------------------------------------------------------


def with_copies_flagged(grades: Sequence[Grade]) -> list[Grade]:
    """The grades, where an attempt or a reason that is in several files of different people is flagged."""
    done = []
    for grade in grades:
        alike = [
            f"{words} as {other.file}"
            for other in grades
            if other.name.casefold().split() != grade.name.casefold().split()
            for words, theirs, ours in zip(
                ("the same attempt", "the same reason"), _marks(other), _marks(grade), strict=True
            )
            if ours and theirs == ours
        ]
        done.append(grade.with_checks(Check("original", "flagged", "; ".join(alike))) if alike else grade)
    return done


def _marks(grade: Grade) -> tuple[str, str]:
    """What two people's hand-ins should not share: the attempt's id, and the reason, but for case and spaces."""
    attempt = grade.submission.attempt if grade.submission else None
    return (attempt.id, " ".join(attempt.reason.lower().split())) if attempt else ("", "")
