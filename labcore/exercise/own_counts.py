"""Whether a person's own counts are right: proven by a counting line, or typed, as in attempts of earlier versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from labcore.config.spec import SpecError
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.counting_line import CountingLine, designs_digest, read_line
from labcore.exercise.rules import count_right
from labcore.exercise.student_comparisons import SlotComparison, counted_students

MODELS = ("the teacher", *SLOTS)


def right_totals(comparisons: Sequence[SlotComparison]) -> tuple[int, ...] | None:
    """The parameters of the teacher and of the three students; None if a student can't be made."""
    counted = counted_students(comparisons)
    if len(counted) < len(SLOTS):
        return None
    return (counted[0].teacher.total, *(one.student.total for one in counted))


def own_totals(attempt: Attempt) -> tuple[int | None, ...]:
    """The person's own counts of the teacher and of the three students."""
    return (attempt.teacher_count, *(slot.count for slot in attempt.slots))


def wrong_typed_counts(attempt: Attempt, right: Sequence[int]) -> list[str]:
    """The models whose own count is missing or too far off."""
    pairs = zip(MODELS, own_totals(attempt), right, strict=True)
    return [name for name, given, total in pairs if given is None or not count_right(given, total)]


def line_problem(line: CountingLine, attempt: Attempt, mark: str, right: Sequence[int]) -> str:
    """Why a line does not prove the counts of this attempt; empty if it does. It never holds a count or a direction."""
    from labcore.exercise.counting_drawn import right_drawn_counts  # imports torch

    if line.mark != mark:
        return "it was made for another attempt: run the command of this page"
    if line.designs != designs_digest(attempt):
        return "it counts other students than these: run the command again"
    wrong = [name for name, given, total in zip(MODELS, line.totals, right, strict=True) if given != total]
    pairs = zip(line.drawn, right_drawn_counts(mark), strict=True)
    wrong += [f"drawn model {number}" for number, (given, counts) in enumerate(pairs, 1) if given != counts]
    return f"its counts of these models are wrong: {', '.join(wrong)}" if wrong else ""


def proof_problem(attempt: Attempt, mark: str, right: Sequence[int]) -> str:
    """Why the attempt's own counting line proves nothing, or not its counts; empty if it does."""
    try:
        line = read_line(attempt.counting_line)
    except SpecError as error:
        return str(error)
    if problem := line_problem(line, attempt, mark, right):
        return problem
    pairs = zip(own_totals(attempt), line.totals, strict=True)
    same = all(own in (None, total) for own, total in pairs)  # None: a student was exchanged and put back
    return "" if same else "the counts in the file are not those of its counting line"


def line_of_another(attempt: Attempt, mark: str) -> bool:
    """Whether the attempt has the counting line of another one."""
    try:
        return read_line(attempt.counting_line).mark != mark
    except SpecError:
        return False


def own_counts_right(attempt: Attempt, mark: str, comparisons: Sequence[SlotComparison]) -> bool:
    """Whether the person's own counts are right, proven or typed."""
    right = right_totals(comparisons)
    if right is None:
        return False
    if attempt.counting_line:
        return not proof_problem(attempt, mark, right)
    return not wrong_typed_counts(attempt, right)


def with_line(attempt: Attempt, line: CountingLine) -> Attempt:
    """The attempt with the counts of a line that was checked."""
    teacher, *students = line.totals
    slots = tuple(replace(slot, count=count) for slot, count in zip(attempt.slots, students, strict=True))
    return replace(attempt, counting_line=line.to_text(), teacher_count=teacher, slots=slots)
