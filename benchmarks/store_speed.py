"""How fast the store is, as ratios against what the disk and the database's driver can do.

    python -m benchmarks.store_speed                         # SQLite
    python -m benchmarks.store_speed --database postgres     # a PostgreSQL server that it starts
    python -m benchmarks.store_speed --home /mnt/disk        # the disk that is measured

Three things: appending an event, looking a run up by its spec among 2,000 runs, and reading what is new since a place.
The floors: the same bytes in a file with fsync, and a plain INSERT or SELECT by the driver (sqlite3 or psycopg).
Its connection stays open, and each statement is one transaction. Figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from benchmarks.postgres_server import postgres_server
from labcore.config.spec import DistilConfig, Spec
from labcore.database.database import FILE
from labcore.database.server_address import VARIABLE
from labcore.results.events import TrainStep
from labcore.results.run import Run
from labcore.runs.run_rows import line_of
from labcore.runs.spec_key import spec_key
from labcore.runs.store import Store
from tests.shared.runs import FINISHED, PAIR

RUNS, NEW = 2_000, 20  # in the table; events that are new


def event_at(place: int) -> TrainStep:
    """An event as a training yields one in each step."""
    return TrainStep(
        step=place,
        steps=10**6,
        examples=32 * place,
        seconds=0.5,
        elapsed=0.6,
        learning_rate=1e-4,
        total=0.7,
        losses={"hard": 0.6, "soft": 0.5},
    )


def median_ms(act: Callable[[int], object], rounds: int) -> float:
    """The median time of an act, in milliseconds; it gets the number of its round."""
    times = []
    for i in range(rounds):
        began = time.perf_counter()
        act(i)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def fsynced_ms(folder: Path, rounds: int) -> float:
    """Adding an event's line to a file, and waiting for the disk."""
    line = line_of(event_at(0)).encode()
    with (folder / "floor").open("ab", buffering=0) as file:

        def write(_: int) -> None:
            file.write(line)
            os.fsync(file.fileno())

        return median_ms(write, rounds)


def fill(store: Store) -> None:
    """Put many finished runs into the table, each of a spec of its own."""
    runs = [
        Run(id=f"20260101-000000-{i:07}", spec=Spec(distil=DistilConfig(seed=i)), status="running", created="x").finish(
            FINISHED, PAIR
        )
        for i in range(RUNS)
    ]
    store._table.add(runs)


class Driver:
    """A plain connection, which stays open; the statements of the store without the store."""

    def __init__(self, connection: Any, mark: str):
        self._connection, self._mark = connection, mark

    def insert(self, run: str, place: int) -> None:
        """Add an event in a transaction of its own."""
        values = (run, place, line_of(event_at(place)))
        marks = ", ".join([self._mark] * 3)
        self._connection.execute(f"INSERT INTO events (run, place, event) VALUES ({marks})", values)
        self._connection.commit()

    def select(self, where: str, *values: object) -> int:
        """Read the rows of a condition; how many."""
        rows = self._connection.execute(f"SELECT * FROM {where.replace('?', self._mark)}", values).fetchall()
        self._connection.commit()
        return len(rows)


def driver_of(home: Path, url: str | None) -> Driver:
    """The driver's connection to the store's own database."""
    if url is None:
        connection = sqlite3.connect(home / FILE)
        connection.execute("PRAGMA synchronous = NORMAL")
        return Driver(connection, "?")
    import psycopg

    return Driver(psycopg.connect(url), "%s")


def measure(home: Path, url: str | None, rounds: int) -> None:
    """Measure one database, and print a line for each figure."""
    store = Store(home)
    run, other = store.create(Spec()), store.create(Spec())
    fill(store)
    for place in range(RUNS):
        store.append(other, event_at(place))
    driver, sought = driver_of(home, url), Spec(distil=DistilConfig(seed=RUNS // 2))
    floor = fsynced_ms(home, rounds)
    append = median_ms(lambda i: store.append(run, event_at(i)), rounds)
    plain = median_ms(lambda i: driver.insert(run, rounds + i), rounds)
    print(f"append: {append:.2f} ms, {1000 / append:,.0f}/s; INSERT {plain:.2f} ms, fsync {floor:.2f} ms", end="; ")
    print(f"{append / plain:.1f} times the INSERT, {append / floor:.2f} times the fsync")
    search = median_ms(lambda _: store.find(sought), rounds)
    select = median_ms(lambda _: driver.select("runs WHERE spec_key = ?", spec_key(sought)), rounds)
    print(f"find among {RUNS:,} runs: {search:.2f} ms; SELECT {select:.2f} ms; {search / select:.1f} times")
    since = RUNS - NEW
    new = median_ms(lambda _: list(store.events(other, since)), rounds)
    select = median_ms(lambda _: driver.select("events WHERE run = ? AND place >= ?", other, since), rounds)
    print(f"{NEW} new events of {RUNS:,}: {new:.2f} ms; SELECT {select:.2f} ms; {new / select:.1f} times")
    for each in (run, other):
        store.update(each, "stopped")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--home", type=Path, help="a folder on the disk that is measured (default: a temporary one)")
    parser.add_argument("--rounds", type=int, default=500)
    options = parser.parse_args()
    on_server = options.database == "postgres"
    os.environ.pop(VARIABLE, None)
    with (
        tempfile.TemporaryDirectory(dir=options.home) as home,
        postgres_server(fsync=True) if on_server else nullcontext() as server,
    ):
        if server is not None:
            os.environ[VARIABLE] = server.create("speed")
        measure(Path(home), os.environ.get(VARIABLE), options.rounds)


if __name__ == "__main__":
    main()
