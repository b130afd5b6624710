"""Homes for `python -m benchmarks.crashes`: of an older lab, and with databases of earlier revisions."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.crash_children import event_at
from labcore.config.spec import Spec
from labcore.database.database import FILE
from labcore.database.server_address import checked_address
from labcore.database.upgrade import upgrade
from labcore.results.events import event_to_dict
from labcore.runs.spec_key import spec_key

OLD_RUNS, OLD_EVENTS, OLD_ATTEMPTS = 60, 40, 40


def old_run_ids() -> list[str]:
    """The ids of the runs of these homes."""
    return [f"20260101-000000-{i:07}" for i in range(OLD_RUNS)]


def make_old_home(home: Path) -> None:
    """A home as an older lab left it, with many runs and attempts in files."""
    for run in old_run_ids():
        folder = home / "runs" / run
        folder.mkdir(parents=True)
        (folder / "spec.json").write_text(Spec().to_json())
        data = {"status": "stopped", "created": "x", "counts": None, "result": None, "error": None}
        (folder / "run.json").write_text(json.dumps(data))
        (folder / "events.jsonl").write_text("".join(f"{_line(place)}\n" for place in range(OLD_EVENTS)))
    make_old_attempts(home)


def make_old_attempts(home: Path) -> None:
    """Attempts in files, as before the database had them."""
    (home / "exercises").mkdir(parents=True)
    for i in range(OLD_ATTEMPTS):
        (home / "exercises" / f"{i:016x}.json").write_text(json.dumps({"id": f"{i:016x}", "owner": "a" * 16}))


def make_earlier_home(home: Path, revision: str) -> None:
    """A home whose SQLite database is of an earlier revision, and whose attempts are files."""
    make_old_attempts(home)
    _fill(create_engine(f"sqlite:///{home / FILE}", poolclass=NullPool), revision)


def make_earlier_database(url: str, revision: str) -> None:
    """The same runs in a database on a server."""
    _fill(create_engine(checked_address(url), poolclass=NullPool), revision)


def _fill(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        upgrade(connection, "0001")
        _insert(connection)
        upgrade(connection, revision)


def _insert(connection: Connection) -> None:
    spec = {"spec": Spec().to_json(), "key": spec_key(Spec())}
    connection.execute(
        text("INSERT INTO runs (id, spec, spec_key, status, created) VALUES (:id, :spec, :key, 'stopped', 'x')"),
        [{"id": run, **spec} for run in old_run_ids()],
    )
    connection.execute(
        text("INSERT INTO events (run, place, event) VALUES (:run, :place, :event)"),
        [{"run": r, "place": place, "event": _line(place)} for r in old_run_ids() for place in range(OLD_EVENTS)],
    )


def _line(place: int) -> str:
    return json.dumps(event_to_dict(event_at(place)))
