"""Run folders as an earlier version of the lab wrote them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labcore.results.events import Event, event_to_dict
from labcore.results.run import FinishedRun, Run


def write_old_run(home: Path, run: Run, events: Sequence[Event] = (), **changes: Any) -> Path:
    """The folder of a run, with these changes of what `run.json` says; None leaves an entry out."""
    folder = home / "runs" / run.id
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(run.spec.to_json(indent=2) + "\n")
    data = {
        "status": run.status,
        "created": run.created,
        "counts": run.counts.to_dict() if run.counts else None,
        "result": run.result.to_json() if isinstance(run, FinishedRun) else None,
        "error": run.error,
        "teacher": run.teacher,
        "machine": run.machine,
    }
    data = {name: value for name, value in (data | changes).items() if name not in changes or value is not None}
    (folder / "run.json").write_text(json.dumps(data, indent=1) + "\n")
    if events:
        (folder / "events.jsonl").write_text("".join(json.dumps(event_to_dict(event)) + "\n" for event in events))
    if run.name is not None:
        (folder / "name.txt").write_text(run.name)
    (folder / "lock").touch()
    return folder


def content(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder of an old home with its bytes."""
    files = {f"{path.relative_to(folder)}": path for path in folder.rglob("*")}
    return {name: path.read_bytes() if path.is_file() else None for name, path in files.items() if "lab.db" not in name}
