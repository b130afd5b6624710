"""The attempt code and the counting line as text: whole, or refused with advice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labcore.config.spec import SpecError
from labcore.exercise.counting_line import DRAWN, CountingLine, attempt_code, read_code, read_line
from labcore.exercise.signature import mark_of
from tests.shared.attempts import designed

MARKS = some.text("0123456789abcdef", min_size=16, max_size=16)


def test_a_code_holds_the_mark_and_the_designs() -> None:
    attempt = designed()
    read = read_code(attempt_code(attempt, mark_of(attempt.id)))
    assert (read.id, read.teacher) == (mark_of(attempt.id), attempt.teacher)
    assert [slot.steps for slot in read.slots] == [slot.steps for slot in attempt.slots]
    assert attempt.id not in attempt_code(attempt, mark_of(attempt.id))  # who sees it can't go on with the attempt


@given(some.text(max_size=60) | MARKS.map(lambda mark: f"{mark}.eNoDAAAAAAE") | MARKS.map(lambda mark: mark + ".AAAA"))
def test_what_is_no_code_or_no_line_is_refused_with_advice(text: str) -> None:
    with pytest.raises(SpecError, match="copy the whole"):
        read_code(text)
    with pytest.raises(SpecError, match="copy the whole"):
        read_line(text)


LINES = some.builds(
    CountingLine,
    MARKS,
    MARKS,
    some.tuples(*[some.integers(1, 10**9)] * 4),
    some.tuples(*[some.tuples(*[some.integers(0, 10**6)] * 3)] * DRAWN),
)


@given(LINES, some.integers(0, 10**6))
def test_a_line_comes_back_and_a_changed_digit_is_seen(line: CountingLine, place: int) -> None:
    text = line.to_text()
    assert read_line(text) == line
    place %= len(text)
    if text[place].isdigit():
        changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
        with pytest.raises(SpecError):
            read_line(changed)


def test_a_line_may_be_wrapped_or_quoted() -> None:
    line = CountingLine("0" * 16, "1" * 16, (4, 3, 2, 1), tuple((9, 8, i) for i in range(6)))
    assert read_line(f"  `{line.to_text()[:40]}\n {line.to_text()[40:]}`\n") == line
