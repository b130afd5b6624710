"""Results that ship with the lab: runs of a sweep, with the machine and the day they were made on.

A page that shows them says so, and the command in the file makes them again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from labcore.record import Comparison, Finished, Run, event_from_dict
from labcore.runs.store import write_whole
from labcore.spec import Spec

FOLDER = Path(__file__).resolve().parents[1] / "recorded"


@dataclass(frozen=True)
class Recording:
    """name: the sweep's. machine, date: where and when it was made. command: what makes it again."""

    name: str
    machine: str
    date: str
    command: str
    runs: tuple[Run, ...]

    @property
    def origin(self) -> str:
        """A line that says where the figures come from."""
        return f"recorded on {self.date}, {self.machine}: `{self.command}`"


def write(recording: Recording, path: Path) -> None:
    """Write a recording as JSON, whole or not at all."""
    runs = [
        {
            "id": run.id,
            "spec": run.spec.to_dict(),
            "created": run.created,
            "counts": run.counts and run.counts.to_dict(),
            "result": run.result and asdict(run.result),
        }
        for run in recording.runs
    ]
    head = {name: getattr(recording, name) for name in ("name", "machine", "date", "command")}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(head | {"runs": runs}, indent=1) + "\n")


def read(path: Path) -> Recording:
    """The recording in a file; its runs read as finished ones."""
    data = json.loads(path.read_text(encoding="utf-8"))
    runs = tuple(
        Run(
            run["id"],
            Spec.from_dict(run["spec"]),
            "finished",
            run["created"],
            Comparison.from_dict(run["counts"]),
            _finished(run["result"]),
        )
        for run in data.pop("runs")
    )
    return Recording(**data, runs=runs)


def _finished(data: dict[str, Any]) -> Finished:
    result = event_from_dict({"event": Finished.event, **data})
    assert isinstance(result, Finished)
    return result


@cache
def recorded(name: str) -> Recording | None:
    """The recording of this sweep that ships with the lab; None where there is none."""
    path = FOLDER / f"{name}.json"
    return read(path) if path.exists() else None


def recorded_run(run_id: str, name: str = "frontier") -> Run | None:
    """The run of this id among those of a recording that ships; None where it is none of them."""
    recording = recorded(name)
    return next((run for run in recording.runs if run.id == run_id), None) if recording else None
