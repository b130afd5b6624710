"""What the frontier keeps in a home: measurements of designs, and models without an encoder. A small file for each.

    HOME/frontier/<hash>.json    the hash is that of a key, which holds all that changes the file's content

A file that is missing or damaged reads as None, so its content is made again. Torch is not imported here: a page
reads these files for each of its runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from labcore.config.json_data import parsed
from labcore.config.spec import Spec, SpecError
from labcore.evaluate.lower_anchors import AnchorKey, anchor_key, shipped_anchors
from labcore.evaluate.pareto_front import Measurements, Teacher
from labcore.evaluate.provenance import teacher_of
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.results.frontier_measured import TimeAndMemory
from labcore.results.run import FinishedRun
from labcore.system import processor
from labcore.system.code_version import code_version
from labcore.system.files import write_whole
from labcore.system.host import cores, processor_name

FOLDER = "frontier"
TOKENS = 128  # of the example that is timed
WITHOUT_ENCODER = "token vectors"  # in place of steps
MEASURING = ("labcore.count.latency", "labcore.count.peak_memory", "labcore.models.encoder", "labcore.models.low_rank")
FITTING = ("labcore.evaluate.token_vectors", "labcore.runs.token_vector_anchor", "labcore.data.batches")
T = TypeVar("T")


class Keepable(Protocol):
    """What a file holds."""

    def to_json(self) -> dict[str, Any]:
        """Every field."""
        ...


@dataclass(frozen=True)
class MeasuredKey:
    """All that decides a design's time and memory. teacher: its identity. steps: as JSON, or WITHOUT_ENCODER.

    task: some steps read its examples. machine: that measures. code: the version of what measures.
    """

    teacher: str
    task: str
    steps: str
    machine: str
    code: str
    tokens: int = TOKENS


def measured_key(spec: Spec, identity: str, *, encoder: bool = True) -> MeasuredKey:
    """The key of a spec's student, or of its teacher's token-vector model, on this machine now."""
    steps = json.dumps(spec.to_dict()["steps"]) if encoder else WITHOUT_ENCODER
    return MeasuredKey(teacher=identity, task=spec.task, steps=steps, machine=_machine(), code=code_version(*MEASURING))


def _machine() -> str:
    return f"{processor.chosen()} {processor_name()} {cores()}"


def measurements(home: Path, runs: Sequence[FinishedRun]) -> Measurements:
    """What was measured on this machine of the students of these runs and of their teachers."""
    kept: dict[MeasuredKey, TimeAndMemory | None] = {}

    def of_design(spec: Spec, identity: str) -> TimeAndMemory | None:
        key = measured_key(spec, identity)
        if key not in kept:
            kept[key] = read_kept(home, key, TimeAndMemory.from_json)
        return kept[key]

    of_runs: dict[str, TimeAndMemory] = {}
    teachers: dict[Teacher, TimeAndMemory] = {}
    for run in runs:
        name, identity = teacher_of(run)
        if identity is None:
            continue
        if (student := of_design(run.spec, identity)) is not None:
            of_runs[run.id] = student
        if (teacher := of_design(teacher_spec(run.spec), identity)) is not None:
            teachers[name, identity] = teacher
    return Measurements(of_runs, teachers)


def teacher_spec(spec: Spec) -> Spec:
    """The spec of the teacher itself, without a step."""
    return Spec(teacher=spec.teacher, task=spec.task)


def kept_anchor(home: Path, identity: str, task: str) -> TokenVectorResult | None:
    """The token-vector model of a teacher of this identity: as it ships, or as this home has it."""
    key = anchor_key(identity, task)
    shipped = shipped_anchors().results.get(key)
    return shipped or read_kept(home, (key, code_version(*FITTING)), TokenVectorResult.from_json)


def keep_anchor(home: Path, key: AnchorKey, result: TokenVectorResult) -> None:
    """Keep a token-vector model. Raises OSError."""
    keep(home, (key, code_version(*FITTING)), result)


def read_kept(home: Path, key: object, made_of: Callable[[Mapping[str, Any]], T]) -> T | None:
    """What is kept under a key; None if nothing is, or if its file is damaged."""
    with suppress(OSError, UnicodeDecodeError, SpecError, KeyError, TypeError):
        return made_of(parsed(_file(home, key).read_text(encoding="utf-8"), "it"))
    return None


def keep(home: Path, key: object, content: Keepable) -> None:
    """Keep something under its key, whole or not at all. Raises OSError."""
    path = _file(home, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(content.to_json()))


def _file(home: Path, key: object) -> Path:
    return home / FOLDER / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.json"
