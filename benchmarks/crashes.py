"""Processes that are killed while they write to the store: what they acknowledged is there, and the database is intact.

    python -m benchmarks.crashes                      # 60 kills
    python -m benchmarks.crashes --kills 500 --seed 3

A child process either trains, that is, adds events to runs and prints a line after each; or it opens a home of an older
lab, which takes the old runs in. It is killed at a random moment. Then another process reads the home.
`tests/database/test_crashes.py` does the same with few kills.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.sources import ROOT
from labcore.config.spec import Spec
from labcore.database.database import FILE
from labcore.results.events import Preparing
from labcore.runs.store import Store

OLD_RUNS, OLD_EVENTS = 60, 40  # of an older home
LONGEST = {"train": 0.6, "take-in": 1.6}  # seconds from the child's first line to its end


def event_at(place: int) -> Preparing:
    """The event that every run has at a place; some are long, so that they fill several pages."""
    return Preparing(place, place + 1, float(10 ** (place % 200)))


def train(home: Path) -> None:
    """Add events to new runs without end. Prints the run, and then how many of its events are acknowledged."""
    store = Store(home)
    while True:
        run = store.create(Spec())
        store.update(run, "running")
        for place in range(50):
            store.append(run, event_at(place))
            print(json.dumps([run, place + 1, "running"]), flush=True)
        store.update(run, "stopped")
        print(json.dumps([run, 50, "stopped"]), flush=True)


def take_in(home: Path) -> None:
    """Open a home of an older lab."""
    print("[]", flush=True)
    Store(home).runs()


def make_old_home(home: Path) -> None:
    """A home as an older lab left it, with many runs."""
    for i in range(OLD_RUNS):
        folder = home / "runs" / f"20260101-000000-{i:07}"
        folder.mkdir(parents=True)
        (folder / "spec.json").write_text(Spec().to_json())
        data = {"status": "stopped", "created": "x", "counts": None, "result": None, "error": None}
        (folder / "run.json").write_text(json.dumps(data))
        event = json.dumps({"event": "preparing", "done": 1, "total": 2, "elapsed": 0.5})
        (folder / "events.jsonl").write_text(f"{event}\n" * OLD_EVENTS)


def kill_one(kind: str, home: Path, moments: random.Random) -> list[list[object]]:
    """Start a child and kill it at a random moment; what it had acknowledged by then."""
    command = [sys.executable, "-m", "benchmarks.crashes", "--child", kind, "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        killer = threading.Timer(moments.uniform(0, LONGEST[kind]), child.kill)
        killer.start()
        lines += child.stdout
        killer.join()
    return [json.loads(line) for line in lines if line.endswith("\n")]  # the last may be torn


def check(home: Path, acknowledged: dict[str, tuple[int, str]]) -> None:
    """Raise AssertionError if the database is damaged, or lacks anything that was acknowledged."""
    if (home / FILE).exists():
        with sqlite3.connect(home / FILE) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        database.close()
    store = Store(home)
    for run_id, (count, status) in acknowledged.items():
        run, events = store.read(run_id), list(store.events(run_id))
        assert len(events) >= count, f"{run_id}: {count} events were acknowledged, {len(events)} are there"
        assert events == [event_at(place) for place in range(len(events))]
        assert run.status in ({"stopped"} if status == "stopped" else {"interrupted", "stopped"})


def training_kills(home: Path, kills: int, seed: int) -> Iterator[int]:
    """Kill processes that train, on one home; yields how many events are acknowledged so far, after each check."""
    moments, acknowledged = random.Random(seed), {}
    for _ in range(kills):
        for run, count, status in kill_one("train", home, moments):
            acknowledged[str(run)] = (int(str(count)), str(status))
        check(home, acknowledged)
        yield sum(count for count, _ in acknowledged.values())


def taking_in_kills(folder: Path, kills: int, seed: int) -> Iterator[bool]:
    """Kill processes that take in old homes; yields whether the kill came before all was in, after each check."""
    moments = random.Random(seed)
    for i in range(kills):
        home = folder / f"old-{i}"
        make_old_home(home)
        kill_one("take-in", home, moments)
        early = not _has_runs(home)
        check(home, {})
        runs = Store(home).runs()
        assert len({run.id for run in runs}) == len(runs) == OLD_RUNS
        assert all(len(list(Store(home).events(run.id))) == OLD_EVENTS for run in runs[::20])
        yield early


def _has_runs(home: Path) -> bool:
    """Whether the database of a home has runs."""
    if not (home / FILE).exists():
        return False
    database = sqlite3.connect(home / FILE)
    try:
        return bool(database.execute("SELECT count(*) FROM runs").fetchone()[0])
    except sqlite3.OperationalError:  # it has no tables yet
        return False
    finally:
        database.close()


def main() -> None:
    """Kill, check, and print what was checked. Raises AssertionError at the first loss."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", choices=list(LONGEST), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        {"train": train, "take-in": take_in}[options.child](options.home)
        return
    began, half = time.monotonic(), options.kills // 2
    with tempfile.TemporaryDirectory() as folder:
        acknowledged = 0
        for acknowledged in training_kills(Path(folder) / "lab", options.kills - half, options.seed):
            print(f"\r{acknowledged} events acknowledged, none lost", end="", flush=True)
        early = sum(taking_in_kills(Path(folder), half, options.seed))
    print(
        f"\r{options.kills - half} kills in training: {acknowledged} events acknowledged, none lost.\n"
        f"{half} kills while an old home was taken in ({early} before all was in): every run is there once.\n"
        f"{time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
