"""Inputs that nobody should send, few of each kind; `python -m benchmarks.inputs` tries thousands."""

from __future__ import annotations

import pytest

from benchmarks.inputs.__main__ import tried
from benchmarks.inputs.kinds import kinds

FEW = 10  # times the kind's share


def test_strange_inputs_give_a_valid_thing_or_a_clear_error(lab_home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LAB_HOST_PASSWORD", "LAB_RESUME"):
        monkeypatch.setenv(variable, "")
    for kind in kinds():
        tally = tried(kind, FEW * kind.share, seed=0)
        assert tally.faults == {}, kind.name
        assert tally.counts.total() >= FEW // 2
