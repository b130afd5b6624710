"""Processes killed at random moments lose nothing that they acknowledged; `python -m benchmarks.crashes` kills more."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from benchmarks.crash_children import event_at
from benchmarks.crashes import LASTING, check, check_server, lasting_kills, single_kills
from benchmarks.postgres_server import Server
from labcore.config.spec import Spec
from labcore.runs.store import Store


@pytest.mark.parametrize("kind", LASTING["sqlite"])
def test_a_killed_process_loses_nothing_that_it_acknowledged(kind: str, tmp_path: Path) -> None:
    *_, acknowledged = lasting_kills(kind, tmp_path / "lab", 2 if kind == "train" else 1, seed=1)
    assert acknowledged > 0


@pytest.mark.parametrize("kind", ["take-in", "migration"])
def test_a_kill_while_an_older_home_is_opened_does_no_harm(kind: str, tmp_path: Path) -> None:
    assert len(list(single_kills(kind, tmp_path, 1, seed=2))) == 1


def test_a_server_that_crashes_while_a_process_trains_loses_nothing(url: str, server: Server, tmp_path: Path) -> None:
    *_, acknowledged = lasting_kills("server", tmp_path / "lab", 1, seed=1, server=server)
    assert acknowledged > 0
    check_server(server, str(make_url(url).database))


@pytest.mark.full
def test_a_kill_while_a_home_is_copied_to_a_server_does_no_harm(url: str, server: Server, tmp_path: Path) -> None:
    assert len(list(single_kills("copy", tmp_path, 1, seed=2, server=server))) == 1


def test_a_loss_would_be_seen(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run = store.create(Spec())
    for place in (0, 1):
        store.append(run, event_at(place))
    store.update(run, "stopped")
    check(tmp_path, {run: (2, "stopped")})
    with pytest.raises(AssertionError, match="3 events were acknowledged, 2 are there"):
        check(tmp_path, {run: (3, "stopped")})
    with pytest.raises(AssertionError, match="is not there"):
        check(tmp_path, {run: (2, "waiting")})
    store.append(run, event_at(0))  # out of order
    with pytest.raises(AssertionError):
        check(tmp_path, {run: (3, "stopped")})
