"""Processes that are killed while they use the database: what they acknowledged is there, and the database is intact.

    python -m benchmarks.crashes                                  # SQLite: 75 kills
    python -m benchmarks.crashes --database postgres              # PostgreSQL: 84 kills, 12 crashes of its server
    python -m benchmarks.crashes --kills 100 --seed 3             # of each kind

Kinds: `train` adds events to runs, `queue` puts runs into the queue, `resume` cuts a run's events and goes on. They use
one home, kill after kill. `take-in` opens a home of an older lab, `migration` a database of an earlier revision, and
`copy` copies a home to the server: each in a home of its own. `server` is `train` while PostgreSQL itself is ended at
once and started again. tests/database/test_crashes.py does the same with few kills.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from benchmarks.crash_children import event_at
from benchmarks.crash_homes import (
    OLD_ATTEMPTS,
    OLD_EVENTS,
    OLD_RUNS,
    make_earlier_database,
    make_earlier_home,
    make_old_attempts,
    make_old_home,
)
from benchmarks.postgres_server import Server, postgres_server
from benchmarks.sources import ROOT
from labcore.database.database import FILE
from labcore.database.server_address import VARIABLE, server_address
from labcore.runs.home_database import own_database
from labcore.runs.server_copy import copy_to_server
from labcore.runs.store import Store

LASTING = {"sqlite": ("train", "queue", "resume"), "postgres": ("train", "server", "queue", "resume")}
SINGLE = {"sqlite": ("take-in", "migration"), "postgres": ("migration", "copy", "take-in")}
LATEST = 0.8  # seconds from the first line of a child that works without end to the latest kill
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
COUNTED = {"runs": OLD_RUNS, "events": OLD_RUNS * OLD_EVENTS, "attempts": OLD_ATTEMPTS}


def kill_one(
    kind: str, home: Path, moments: random.Random, server: Server | None = None, latest: float = LATEST
) -> list[list[object]]:
    """Start a child and kill it at a random moment; what it had acknowledged by then.

    latest: seconds from its first line to the latest kill. server: is ended at a random moment before, and started
    again, if the kind is `server`.
    """
    child_kind = "train" if kind == "server" else kind
    command = [sys.executable, "-m", "benchmarks.crash_children", child_kind, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        if kind == "server" and server is not None:
            time.sleep(moments.uniform(0, LATEST))
            server.stop()
            time.sleep(moments.uniform(0, 0.2))
            server.start()
        killer = threading.Timer(moments.uniform(0, latest), child.kill)
        killer.start()
        lines += child.stdout
        killer.join()
    return [json.loads(line) for line in lines if line.endswith("\n")]  # the last may be torn


def check(home: Path, acknowledged: dict[str, tuple[int, str]]) -> None:
    """Raise AssertionError if the database is damaged, or lacks anything that was acknowledged."""
    if (home / FILE).exists():
        with closing(sqlite3.connect(home / FILE)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    store = Store(home)
    waiting = {job for turn in store.queue.waiting() for job in turn.jobs} if acknowledged else set()
    for run_id, (count, state) in acknowledged.items():
        run, events = store.read(run_id), list(store.events(run_id))
        assert len(events) >= count, f"{run_id}: {count} events were acknowledged, {len(events)} are there"
        assert events == [event_at(place) for place in range(len(events))]
        assert run.status in ({"stopped"} if state == "stopped" else {"interrupted", "stopped"})
        assert (run_id in waiting) or state != "waiting", f"{run_id} was put into the queue, and is not there"
        assert (run_id not in waiting) or state != "stopped", f"{run_id} has begun, and still waits"


def lasting_kills(kind: str, home: Path, kills: int, seed: int, server: Server | None = None) -> Iterator[int]:
    """Kill processes on one home; yields how many events and entries are acknowledged so far, after each check."""
    moments, acknowledged, entries = random.Random(seed), {}, 0
    for _ in range(kills):
        for run, count, state in kill_one(kind, home, moments, server):
            acknowledged[str(run)] = (int(str(count)), str(state))
            entries += 1
        check(home, acknowledged)
        yield entries


def single_kills(kind: str, folder: Path, kills: int, seed: int, server: Server | None = None) -> Iterator[bool]:
    """Kill processes, each in a home of its own; yields whether the kill came before all was in, after each check.

    A first process, which is not killed, shows how long the work takes.
    """
    moments, longest = random.Random(seed), 0.0
    for i in range(kills + 1):
        home, revision = folder / f"{kind}-{i}", REVISIONS[i % len(REVISIONS)]
        if server is not None:
            os.environ[VARIABLE] = server.create(f"lab{kind.replace('-', '')}{i}")
        _make_home(kind, home, revision, on_server=server is not None)
        if i == 0:
            longest = _seconds(kind, home)
            continue
        kill_one(kind, home, moments, latest=1.1 * longest)
        early = _check_all_or_nothing(kind, home, revision)
        if kind == "copy":
            copy_to_server(home)
        check(home, {})
        store = Store(home)
        assert len({run.id for run in store.runs()}) == len(store.runs()) == OLD_RUNS
        events = [list(store.events(run.id)) for run in store.runs()[::20]]
        assert events == [[event_at(place) for place in range(OLD_EVENTS)]] * len(events)
        assert len(store.attempts.all()) == OLD_ATTEMPTS
        yield early


def _make_home(kind: str, home: Path, revision: str, *, on_server: bool) -> None:
    """The home, or the database, that a process of this kind opens."""
    if kind == "take-in":
        make_old_home(home)
    elif kind == "migration" and on_server:
        make_earlier_database(os.environ[VARIABLE], revision)
        make_old_attempts(home)
    else:
        make_earlier_home(home, revision)
    if kind == "copy":
        with own_database(home).to_read():
            pass  # it is up to date, so that the copying is what is killed


def _seconds(kind: str, home: Path) -> float:
    """How long a process of this kind works after its first line."""
    command = [sys.executable, "-m", "benchmarks.crash_children", kind, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        child.stdout.readline()
        began = time.monotonic()
        child.wait()
        return time.monotonic() - began


def _check_all_or_nothing(kind: str, home: Path, revision: str) -> bool:
    """Whether nothing was done at the kill. Raises AssertionError if a part of it was."""
    rows = _rows(home)
    if rows.get("attempts") == COUNTED["attempts"]:
        assert rows == COUNTED, f"halfway: {rows}"
        return False
    if kind == "migration":  # the tables of the earlier revision, with all that was in them
        assert rows == {name: COUNTED[name] for name in ("runs", "events")}, f"halfway from {revision}: {rows}"
    elif kind == "copy":  # the server's tables are made first
        assert not any(rows.values()), f"halfway: {rows}"
    else:
        assert rows == {}, f"halfway: {rows}"
    return True


def _rows(home: Path) -> dict[str, int]:
    """The number of rows of each table that is there; nothing is changed by it."""
    url = server_address()
    if url is None and not (home / FILE).exists():
        return {}
    with create_engine(url or f"sqlite:///{home / FILE}", poolclass=NullPool).connect() as connection:
        there = COUNTED.keys() & set(inspect(connection).get_table_names())
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in there}


def check_server(server: Server, database: str) -> None:
    """Raise CalledProcessError if a table or an index of a database is damaged."""
    options = ("--install-missing", "--heapallindexed")
    server.run("pg_amcheck", "-h", str(server.folder), "-U", "postgres", *options, database)


def main() -> None:
    """Kill, check, and print what was checked. Raises AssertionError at the first loss."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=list(LASTING), default="sqlite")
    parser.add_argument("--kills", type=int, help="of each kind (15, or 12 on PostgreSQL)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    on_server = options.database == "postgres"
    kills, began = options.kills or (12 if on_server else 15), time.monotonic()
    os.environ.pop(VARIABLE, None)
    with tempfile.TemporaryDirectory() as folder, postgres_server(fsync=True) if on_server else nullcontext() as server:
        for kind in LASTING[options.database]:
            if server is not None:
                os.environ[VARIABLE] = server.create(kind)
            *_, entries = lasting_kills(kind, Path(folder) / kind, kills, options.seed, server)
            if server is not None:
                check_server(server, kind)
            print(f"{kind}: {kills} kills, {entries} acknowledgements, nothing lost", flush=True)
        for kind in SINGLE[options.database]:
            early = sum(single_kills(kind, Path(folder), kills, options.seed, server))
            print(f"{kind}: {kills} kills, {early} before the end; all or nothing, then all of it once", flush=True)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
