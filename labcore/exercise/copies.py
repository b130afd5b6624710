"""Copies among the submissions of a class, found by what two attempts can't share: ids, times, signatures, reasons.

Equal run ids are no sign by themselves, because one server trains equal students once for everybody. They are one if
the file does not fit its own attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from labcore.exercise.submission import Submission
from labcore.exercise.submission_checks import Check, Grade


def flag_copies(grades: Sequence[Grade]) -> list[Grade]:
    """The grades, each flagged if it shares with another person's file what two attempts can't share.

    If exactly one of two files fits the attempt that it names, it is the original, and only the other one is flagged.
    """
    flagged = []
    for grade in grades:
        copies = [
            f"{shared} as {other.file}"
            for other in grades
            if _person(other) != _person(grade) and not (grade.fits and not other.fits)
            for shared in _shared(grade, other)
        ]
        flagged.append(grade.with_checks(Check("original", "flagged", "; ".join(copies))) if copies else grade)
    return flagged


def _person(grade: Grade) -> list[str]:
    """The name, without regard to case and spaces."""
    return grade.name.casefold().split()


def _shared(first: Grade, second: Grade) -> list[str]:
    """Parts of two submissions that people should not share, in words."""
    if first.submission is None or second.submission is None:
        return []
    one, other = first.submission, second.submission
    shared = [words for words, part in PARTS.items() if part(one) and part(one) == part(other)]
    if (shared or first.fits is False) and _runs(one) == _runs(other):
        shared.append("the same runs")
    return shared


def _times(submission: Submission) -> tuple[str | None, ...]:
    """When the prediction was made and the runs were requested: to the second, equal times of both are a copy."""
    attempt = submission.attempt
    return (attempt.predicted, attempt.begun) if attempt.predicted and attempt.begun else ()


def _runs(submission: Submission) -> tuple[tuple[str, ...], ...]:
    return tuple(student.runs for student in submission.results.students)


def _codes(submission: Submission) -> object:
    signature = submission.attempt.signature
    return None if signature is None else (signature.server, signature.saved)


PARTS: Mapping[str, Callable[[Submission], object]] = {
    "the same attempt": lambda submission: submission.attempt.id,
    "the same reason": lambda submission: submission.attempt.reason.lower().split(),  # case and spaces do not count
    "the same times": _times,
    "the same signature": _codes,
    "the same counting line": lambda submission: submission.attempt.counting_line,
}
