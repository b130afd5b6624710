"""Each limit refuses what is above it, with what was given, what is allowed and what to do, and nothing below."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.runs import server_limits
from labcore.runs.cache import counted
from labcore.runs.server_limits import LIMITS, Limits, limits, making_refusal, memory_needed, run_refusal
from tests.shared.runs import PAIR

WIDE = limits(shared=False)
SPEC = Spec.from_dict({"distil": {"steps": 100, "batch_size": 32}})
WORK = 100 * 32 * PAIR.student.total


@pytest.mark.parametrize(
    ("limit", "most", "words"),
    [
        ("steps", 100, "has 100 steps, but this server allows 99; give fewer steps"),
        ("seconds", 600, "expected to take 10 min, but this server allows 10 min; give fewer"),
        ("work", WORK, "3,200 examples × 10 parameters = 3.2e+04, but this server allows"),
    ],
)
def test_a_limit_of_a_run_holds_exactly(limit: str, most: float, words: str) -> None:
    assert run_refusal(replace(WIDE, **{limit: most}), SPEC, PAIR, 600.0) is None
    assert words in str(run_refusal(replace(WIDE, **{limit: most - 1}), SPEC, PAIR, 600.0))
    config = FineTuning(task="reviews")
    assert making_refusal(WIDE, config) is None
    assert "this server allows" in str(making_refusal(replace(WIDE, **{limit: 10.0}), config))


def test_a_training_needs_its_memory_to_be_free(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = counted(Spec())
    needed = memory_needed(counts)
    assert needed > 4 * 4 * counts.student.total
    monkeypatch.setattr(server_limits, "free_bytes", lambda: needed)
    assert run_refusal(WIDE, SPEC, counts, None) is None
    monkeypatch.setattr(server_limits, "free_bytes", lambda: needed - 1)
    assert "GB of memory, but" in str(run_refusal(WIDE, SPEC, counts, None))


@pytest.mark.parametrize("given", ["many", "0", "-3", "nan", "inf"])
def test_a_limit_that_is_no_number_above_0_is_refused_by_name(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_MAX_WAITING", given)
    with pytest.raises(SpecError, match=f"LAB_MAX_WAITING is '{given}'; give a number above 0: the most jobs of one"):
        limits(shared=True)


def test_every_limit_is_set_by_its_variable_and_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [field.name for field in fields(Limits)] == list(LIMITS)
    page = (Path(__file__).parents[2] / "docs" / "classroom.md").read_text(encoding="utf-8")
    for name, limit in LIMITS.items():
        assert limit.shared < limit.single
        row = f"| `{limit.variable}` | {limit.help} | {limit.shared:,.0f} | {limit.single:,.0f} |"
        assert row in page.replace("10¹⁴", f"{10**14:,}").replace("10¹⁷", f"{10**17:,}")
        monkeypatch.setenv(limit.variable, "7")
        assert getattr(limits(shared=True), name) == getattr(limits(shared=False), name) == 7
