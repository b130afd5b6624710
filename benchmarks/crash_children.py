"""The processes that `python -m benchmarks.crashes` kills. Each prints a line after all that it acknowledges.

    python -m benchmarks.crash_children KIND HOME

A line is JSON: a run, how many of its events are acknowledged, and its state; or `[]` when the work begins.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from labcore.config.spec import Spec
from labcore.results.events import Preparing
from labcore.runs.fair_order import Turn
from labcore.runs.store import Store

EVENTS, KEPT = 50, 20  # of a run; those before the checkpoint from which it resumes


def event_at(place: int) -> Preparing:
    """The event that every run has at a place; some are long, so that they fill several pages."""
    return Preparing(place, place + 1, float(10 ** (place % 200)))


def acknowledge(store: Store, run: str, count: int, state: str) -> None:
    """Print what is stored of a run; nothing if some of it still waits for a database that is away."""
    if run not in store.unwritten():
        print(json.dumps([run, count, state]), flush=True)


def add_events(store: Store, run: str, first: int) -> None:
    """Add the events of a run from a place on, and end it."""
    store.update(run, "running")
    for place in range(first, EVENTS):
        store.append(run, event_at(place))
        acknowledge(store, run, place + 1, "running")
    store.update(run, "stopped")
    acknowledge(store, run, EVENTS, "stopped")


def train(home: Path) -> None:
    """Add events to new runs without end."""
    store = Store(home)
    while True:
        add_events(store, _created(store), 0)


def queue(home: Path) -> None:
    """Put runs into the queue without end; every second one begins at once, the others go on waiting."""
    store, turns = Store(home), []
    while True:
        run, number = _created(store), time.time_ns()
        turns.append(Turn(number=number, owner=None, jobs=(run,), since=number))
        store.queue.write(turns)
        acknowledge(store, run, 0, "waiting")
        if len(turns) > 5:
            begun = turns.pop(0).jobs[0]
            acknowledge(store, begun, 0, "begun")
            store.queue.write(turns)
            store.update(begun, "stopped")
            acknowledge(store, begun, 0, "stopped")


def resume(home: Path) -> None:
    """Resume the newest run, which a killed process may have left, and further ones, without end."""
    store = Store(home)
    while True:
        run = next((each.id for each in store.runs()[:1]), None) or _created(store)
        there = len(list(store.events(run)))
        if store.read(run).active:  # held by this process: it is new
            add_events(store, run, there)
        store.reopen(run)
        kept = min(KEPT, there)
        print(json.dumps([run, kept, "resumed"]), flush=True)  # from now on only these are due
        store.keep_events(run, kept)
        add_events(store, run, kept)
        new = _created(store)
        add_events(store, new, 0)


def open_home(home: Path) -> None:
    """Open a home of an older lab, or a database of an earlier revision."""
    print("[]", flush=True)
    Store(home).runs()


def copy(home: Path) -> None:
    """Copy a home's database to the server."""
    from labcore.runs.server_copy import copy_to_server

    print("[]", flush=True)
    copy_to_server(home)


def _created(store: Store) -> str:
    """A new run, as soon as the database takes one."""
    while True:
        try:
            return store.create(Spec())
        except OSError:
            time.sleep(0.05)


CHILDREN = {
    "train": train,
    "queue": queue,
    "resume": resume,
    "take-in": open_home,
    "migration": open_home,
    "copy": copy,
}

if __name__ == "__main__":
    CHILDREN[sys.argv[1]](Path(sys.argv[2]))
