"""Results are kept up to a number of bytes: models and decompositions of many teachers don't fill the memory."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labcore.compress import calibration as module
from labcore.compress.calibration import Calibration, size_of
from labcore.config.spec import Spec
from labcore.config.steps import Factorise
from labcore.runs.cache import STUDENTS, TEACHERS, _student, _teacher, cached_student, cached_teacher
from labcore.system.kept_by_size import KeptBySize, kept_by_size


@given(st.lists(st.integers(0, 9), max_size=60), st.lists(st.integers(0, 40), min_size=10, max_size=10))
def test_those_used_last_stay_as_far_as_they_fit(asked: list[int], sizes: list[int]) -> None:
    """Beside the simplest way to say it: walk back through what was asked for, until one does not fit."""
    kept: KeptBySize[int, int] = KeptBySize(50, lambda key: sizes[key])
    there: list[int] = []
    for key in asked:
        made = []
        assert kept.get(key, lambda key=key, made=made: made.append(key) or key) == key
        assert made == ([] if key in there else [key])
        last_first, there = [key, *(each for each in reversed(there) if each != key)], []
        for each in last_first:
            if there and sum(sizes[one] for one in [*there, each]) > 50:
                break
            there.append(each)
        there.reverse()
        assert kept.bytes == sum(sizes[each] for each in there)


def test_a_function_whose_results_are_kept() -> None:
    calls: list[str] = []

    @kept_by_size(10, size=len)
    def doubled(word: str) -> str:
        """Doubled."""
        calls.append(word)
        return 2 * word

    for word in ("ab", "abc", "ab", "abcdefg", "ab"):
        assert doubled(word) == 2 * word
    assert calls == ["ab", "abc", "abcdefg", "ab"]  # the long one is larger than all, and stays until the next
    assert doubled.__doc__ == "Doubled."


def test_threads_get_their_own_results() -> None:
    kept: KeptBySize[int, int] = KeptBySize(20, lambda _: 1)
    with ThreadPoolExecutor(8) as pool:
        asked = [i * i % 31 for i in range(4000)]
        assert list(pool.map(lambda key: kept.get(key, lambda: key), asked)) == asked
    assert kept.bytes <= 20


def test_decompositions_of_all_teachers_share_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is remembered by its own calibration data, and never taken for another's."""
    monkeypatch.setattr(module, "_GROUPS", kept := KeptBySize(4_000, size_of))
    several = [Calibration(lambda: pytest.fail("not read")) for _ in range(5)]
    for value, each in enumerate(several):
        assert each.remember("group", "name", lambda value=value: torch.full((250,), value))[0] == value
    assert kept.bytes == 4_000  # two of 2,000 bytes: int64
    assert several[-1].remember("group", "name", lambda: pytest.fail("it is kept"))[0] == 4
    assert several[0].remember("group", "name", lambda: torch.full((250,), 7))[0] == 7


@pytest.mark.full
def test_a_class_with_many_designs_stays_within_the_limits() -> None:
    for rank in range(40, 52):
        cached_student(Spec(steps=(Factorise(rank=rank),)))
    for teacher in ("reviews", "news", "cued-95", "cued-80"):
        cached_teacher(teacher)
    assert 0.5 * STUDENTS < kept_of(_student).bytes <= STUDENTS
    assert 0.5 * TEACHERS < kept_of(_teacher).bytes <= TEACHERS


def kept_of(function: Callable[..., Any]) -> KeptBySize[Any, Any]:
    """What a decorated function keeps."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    [kept] = [content for content in cells if isinstance(content, KeptBySize)]
    return kept
