"""Processes that are killed at random moments; `python -m benchmarks.kills --n 60` is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kills import kill_until


@pytest.mark.full
def test_runs_that_were_killed_at_random_moments_end_as_undisturbed_ones(tmp_path: Path) -> None:
    tally = kill_until(2, 1, tmp_path)
    assert tally.different == []
    assert sum(tally.kills.values()) >= 2
    assert tally.finished > 0
