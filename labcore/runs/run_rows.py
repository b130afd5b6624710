"""Runs and events as rows of the database, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from labcore.config.json_data import parsed
from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished, event_from_dict, event_to_dict
from labcore.results.run import FinishedRun, Run
from labcore.runs.spec_key import spec_key


def row_of(run: Run) -> dict[str, str | None]:
    """All columns of a run."""
    own = {"id": run.id, "name": run.name, "created": run.created, "owner": run.owner}
    return {**own, **spec_columns(run.spec), **state_columns(run), **notes_columns(run.note, run.tags)}


def spec_columns(spec: Spec) -> dict[str, str]:
    """The columns of a run that its spec fills."""
    return {"spec": spec.to_json(), "spec_key": spec_key(spec)}


def state_columns(run: Run) -> dict[str, str | None]:
    """The columns of a run that change while it goes on."""
    return {
        "status": run.status,
        "counts": json.dumps(run.counts.to_dict()) if run.counts else None,
        "result": json.dumps(run.result.to_json()) if isinstance(run, FinishedRun) else None,
        "error": run.error,
        "teacher": run.teacher,
        "machine": run.machine,
    }


def notes_columns(note: str, tags: Sequence[str]) -> dict[str, str | None]:
    """The columns of what somebody added to a run."""
    return {"note": note or None, "tags": json.dumps(tags) if tags else None}


def run_of_row(row: Mapping[str, Any]) -> Run:
    """The run in a row. Raises the errors of a damaged one: ValueError, KeyError, TypeError."""
    counts = row["counts"] and Comparison.from_dict(parsed(row["counts"], "its counts", finite=False))
    run = Run(
        id=row["id"],
        spec=Spec.from_json(row["spec"]),
        status=row["status"],
        created=row["created"],
        counts=counts,
        error=row["error"],
        teacher=row["teacher"],
        name=row["name"],
        machine=row["machine"],
        note=row["note"] or "",
        tags=tuple(parsed(row["tags"], "its tags")) if row["tags"] else (),
        owner=row["owner"],
    )
    if not (counts and row["result"]):
        return run
    return run.finish(Finished.from_json(parsed(row["result"], "its result", finite=False)), counts)


def line_of(event: Event) -> str:
    """An event as the database holds it."""
    return json.dumps(event_to_dict(event))


def event_of(line: str) -> Event:
    """The event in a line. Raises SpecError if it is not JSON, and KeyError if it is no event."""
    return event_from_dict(parsed(line, "an event", finite=False))
