"""Results that ship with the lab: runs of a sweep, with the machine and the day they were made on.

A page that shows them says so, and the command in the file makes them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from labcore.config.presets import SWEEPS
from labcore.config.spec import Spec
from labcore.results.evaluation import ShortcutTest
from labcore.results.counts import Comparison
from labcore.results.events import ConditionAccuracy, Finished
from labcore.results.json_keys import fields_from_json, to_json
from labcore.results.run import FinishedRun
from labcore.system.files import write_whole
from labcore.teacher.identity import of_files

FOLDER = Path(__file__).resolve().parents[1] / "recorded"


@dataclass(frozen=True)
class ReferenceResults:
    """name: the sweep's. machine, date: where and when it was made. command: what makes it again.

    By a run's id: `readings` along its lesson where its task has a cue; `suspicions`, what the monitor says of the cue.
    """

    name: str
    machine: str
    date: str
    command: str
    runs: tuple[FinishedRun, ...]
    readings: Mapping[str, tuple[ConditionAccuracy, ...]] = field(default_factory=dict)
    suspicions: Mapping[str, ShortcutTest] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """A line that says where the figures come from."""
        return f"recorded on {self.date}, {self.machine}: `{self.command}`"


def write(recording: ReferenceResults, path: Path) -> None:
    """Write a recording as JSON, each run on a line of its own, whole or not at all."""
    runs = [json.dumps(_run_to_dict(run, recording)) for run in recording.runs]
    head = [f' "{name}": {json.dumps(getattr(recording, name))}' for name in ("name", "machine", "date", "command")]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, ",\n".join(["{\n" + head[0], *head[1:], ' "runs": [\n' + ",\n".join(runs)]) + "\n]}\n")


def _run_to_dict(run: FinishedRun, recording: ReferenceResults) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": run.id,
        "spec": run.spec.to_dict(),
        "created": run.created,
        "counts": run.counts.to_dict(),
        "result": run.result.to_json(),
    }
    if looks := recording.readings.get(run.id):
        found["readings"] = [to_json(look) for look in looks]
    if shortcut_test := recording.suspicions.get(run.id):
        found["suspicion"] = to_json(shortcut_test)
    return found


def read(path: Path) -> ReferenceResults:
    """The recording in a file; its runs read as finished ones."""
    data = json.loads(path.read_text(encoding="utf-8"))
    kept = data.pop("runs")
    runs = tuple(
        FinishedRun(
            id=run["id"],
            spec=Spec.from_dict(run["spec"]),
            status="finished",
            created=run["created"],
            counts=Comparison.from_dict(run["counts"]),
            result=Finished.from_json(run["result"]),
        )
        for run in kept
    )
    looks = {run["id"]: tuple(ConditionAccuracy(**fields_from_json(ConditionAccuracy, look)) for look in run["readings"]) for run in kept if "readings" in run}
    suspicions = {run["id"]: ShortcutTest.from_json(run["suspicion"]) for run in kept if "suspicion" in run}
    return ReferenceResults(**data, runs=runs, readings=looks, suspicions=suspicions)


def recorded(name: str) -> ReferenceResults | None:
    """The recording of this sweep that ships with the lab; None where there is none. It is read again once its file changes."""
    path = FOLDER / f"{name}.json"
    return _recorded(path, of_files([path])) if path.exists() else None


@lru_cache(maxsize=16)
def _recorded(path: Path, content: str) -> ReferenceResults:
    """The recording in a file of this hash."""
    return read(path)


def reference_run(run_id: str) -> FinishedRun | None:
    """The run of this id among those of all recordings that ship; None where it is none of them."""
    all_reference_results = [recording for name in SWEEPS if (recording := recorded(name))]
    return next((run for recording in all_reference_results for run in recording.runs if run.id == run_id), None)
