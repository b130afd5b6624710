"""The runs of an earlier version of the lab, which kept them as files; the database takes them in once.

HOME/runs/<id>/spec.json      the spec
               run.json       status, counts, result
               name.txt       the name that somebody gave it; absent if nobody did
               events.jsonl   its events, one JSON object a line

These files are only read. The students and logits beside them are used where they are.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, insert

from labcore.config.json_data import parsed
from labcore.config.spec import Spec
from labcore.database.schema import EVENTS, RUNS
from labcore.results.counts import Comparison
from labcore.results.events import Finished
from labcore.results.run import Run, checked_name
from labcore.runs.run_rows import row_of


def has_old_runs(runs: Path) -> bool:
    """Whether a folder of runs holds one of an earlier version."""
    return next((True for folder in _folders(runs) if (folder / "run.json").is_file()), False)


def take_in_old_runs(runs: Path, connection: Connection) -> None:
    """Put every run that can be read into the tables; folders of other things are left out."""
    for folder in _folders(runs):
        try:
            run = read_old_run(folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        connection.execute(insert(RUNS), row_of(run))
        if lines := _event_lines(folder):
            rows = [{"run": run.id, "place": place, "event": line} for place, line in enumerate(lines)]
            connection.execute(insert(EVENTS), rows)


def read_old_run(folder: Path) -> Run:
    """The run in a folder. Raises OSError, or the errors of damaged files: ValueError, KeyError, TypeError."""
    spec = Spec.from_json((folder / "spec.json").read_text(encoding="utf-8"))
    data = parsed((folder / "run.json").read_text(encoding="utf-8"), "run.json", finite=False)
    counts = data["counts"] and Comparison.from_dict(data["counts"])
    run = Run(
        id=folder.name,
        spec=spec,
        status=data["status"],
        created=data["created"],
        counts=counts,
        error=data["error"],
        teacher=data.get("teacher"),
        name=_name(folder),
        machine=data.get("machine"),
    )
    if counts and data["result"]:
        return run.finish(Finished.from_json(data["result"]), counts)
    return replace(run, status="interrupted") if run.active else run


def _name(folder: Path) -> str | None:
    """The name that somebody gave the run; None if nobody did, or if the file is damaged."""
    try:
        return checked_name((folder / "name.txt").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # also SpecError and UnicodeDecodeError
        return None


def _event_lines(folder: Path) -> list[str]:
    """Its events; an incomplete last line is left out."""
    try:
        text = (folder / "events.jsonl").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return text[: text.rfind("\n") + 1].splitlines()


def _folders(runs: Path) -> list[Path]:
    try:
        return [runs / name for name in sorted(os.listdir(runs))]
    except OSError:
        return []
