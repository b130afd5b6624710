"""Reference results: the runs of a sweep that ship with the lab, with the machine and the day they were made on.

A page that shows them shows their origin too. The command in the file makes them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from labcore.config.json_data import read_json
from labcore.config.presets import SWEEPS
from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.evaluation import ShortcutTest
from labcore.results.events import ConditionAccuracy, Finished, Validation
from labcore.results.json_keys import fields_from_json, to_json
from labcore.results.run import FinishedRun
from labcore.system.files import write_whole
from labcore.teacher.identity import of_files

FOLDER = Path(__file__).parent / "reference_results"


@dataclass(frozen=True, kw_only=True)
class ReferenceResults:
    """name: the sweep's. machine, date: where and when it was made. command: what makes it again.

    By a run's id: `conditions` along its training, if its task has a cue; `shortcut_tests`, the monitor's for the cue;
    `validations` along its training, in a sweep whose curves are drawn.
    """

    name: str
    machine: str
    date: str
    command: str
    runs: tuple[FinishedRun, ...]
    conditions: Mapping[str, tuple[ConditionAccuracy, ...]] = field(default_factory=dict)
    shortcut_tests: Mapping[str, ShortcutTest] = field(default_factory=dict)
    validations: Mapping[str, tuple[Validation, ...]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The origin of the figures in one line."""
        return f"recorded on {self.date}, {self.machine}: `{self.command}`"


def write(reference: ReferenceResults, path: Path) -> None:
    """Write reference results as JSON, each run on its own line, whole or not at all."""
    runs = [json.dumps(_run_to_dict(run, reference)) for run in reference.runs]
    head = [f' "{name}": {json.dumps(getattr(reference, name))}' for name in ("name", "machine", "date", "command")]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, ",\n".join(["{\n" + head[0], *head[1:], ' "runs": [\n' + ",\n".join(runs)]) + "\n]}\n")


def _run_to_dict(run: FinishedRun, reference: ReferenceResults) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": run.id,
        "spec": run.spec.to_dict(),
        "created": run.created,
        "counts": run.counts.to_dict(),
        "result": run.result.to_json(),
    }
    if conditions := reference.conditions.get(run.id):
        data["readings"] = [to_json(each) for each in conditions]
    if shortcut_test := reference.shortcut_tests.get(run.id):
        data["suspicion"] = to_json(shortcut_test)
    if validations := reference.validations.get(run.id):
        data["validations"] = [to_json(each) for each in validations]
    return data


def read(path: Path) -> ReferenceResults:
    """The reference results in a file."""
    data = read_json(path)
    stored = data.pop("runs")
    return ReferenceResults(
        **data,
        runs=tuple(map(_run_from_dict, stored)),
        conditions={run["id"]: _conditions_from_dict(run) for run in stored if "readings" in run},
        shortcut_tests={run["id"]: ShortcutTest.from_json(run["suspicion"]) for run in stored if "suspicion" in run},
        validations={run["id"]: _validations_from_dict(run) for run in stored if "validations" in run},
    )


def _run_from_dict(data: Mapping[str, Any]) -> FinishedRun:
    return FinishedRun(
        id=data["id"],
        spec=Spec.from_dict(data["spec"]),
        created=data["created"],
        counts=Comparison.from_dict(data["counts"]),
        result=Finished.from_json(data["result"]),
    )


def _conditions_from_dict(data: Mapping[str, Any]) -> tuple[ConditionAccuracy, ...]:
    return tuple(ConditionAccuracy(**fields_from_json(ConditionAccuracy, each)) for each in data["readings"])


def _validations_from_dict(data: Mapping[str, Any]) -> tuple[Validation, ...]:
    return tuple(Validation(**fields_from_json(Validation, each)) for each in data["validations"])


def reference_results(name: str) -> ReferenceResults | None:
    """The reference results of this sweep; None if none ship with the lab. A changed file is read again."""
    path = FOLDER / f"{name}.json"
    return _read_once(path, of_files([path])) if path.exists() else None


@lru_cache(maxsize=16)
def _read_once(path: Path, content: str) -> ReferenceResults:
    """The reference results in a file whose content has this hash."""
    return read(path)


def reference_run(run_id: str) -> FinishedRun | None:
    """The run of this id in any of the reference results; None if it is in none of them."""
    everything = [reference for name in SWEEPS if (reference := reference_results(name))]
    return next((run for reference in everything for run in reference.runs if run.id == run_id), None)
