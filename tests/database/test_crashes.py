"""Processes killed at random moments lose nothing that they acknowledged; `python -m benchmarks.crashes` kills more."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.crashes import check, event_at, taking_in_kills, training_kills
from labcore.config.spec import Spec
from labcore.runs.store import Store


def test_a_killed_training_loses_no_event_that_it_acknowledged(tmp_path: Path) -> None:
    *_, acknowledged = training_kills(tmp_path / "lab", 3, seed=1)
    assert acknowledged > 0


def test_a_kill_while_an_old_home_is_taken_in_does_no_harm(tmp_path: Path) -> None:
    assert len(list(taking_in_kills(tmp_path, 2, seed=2))) == 2


def test_a_loss_would_be_seen(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run = store.create(Spec())
    for place in (0, 1):
        store.append(run, event_at(place))
    store.update(run, "stopped")
    check(tmp_path, {run: (2, "stopped")})
    with pytest.raises(AssertionError, match="3 events were acknowledged, 2 are there"):
        check(tmp_path, {run: (3, "stopped")})
    store.append(run, event_at(0))  # out of order
    with pytest.raises(AssertionError):
        check(tmp_path, {run: (3, "stopped")})
