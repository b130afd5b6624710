"""The frontier's lower anchors: what a task gives without an encoder. Standard library only.

The majority class predicts the test split's most frequent label for every example. The mean of token vectors is a model
without an encoder, see labcore.evaluate.token_vectors; for the lab's own teachers its result ships with the lab.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from labcore.config.json_data import read_json
from labcore.data.own.data_store import is_own_data
from labcore.data.tasks import load_task
from labcore.evaluate import reference
from labcore.evaluate.frontier_axes import QualityAxis
from labcore.results.evaluation import Evaluation
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.results.run import FinishedRun
from labcore.system.files import write_whole
from labcore.teacher.identity import of_files

FILE = "anchors.json"  # beside the reference results


@dataclass(frozen=True)
class AnchorKey:
    """All that decides a token-vector model but the code. teacher: its identity. data: the hash of a task's examples.

    A data set of your own has that hash in its name.
    """

    teacher: str
    task: str
    data: str
    max_tokens: int


def anchor_key(identity: str, task: str) -> AnchorKey:
    """The key for a teacher of this identity. Raises SpecError if the task's examples are not here."""
    loaded = load_task(task)
    data = "" if is_own_data(task) else " ".join(split.fingerprint for split in loaded.splits.values())
    return AnchorKey(identity, task, data, loaded.max_tokens)


@dataclass(frozen=True)
class ShippedAnchors:
    """The results that come with the lab. origin: where and when they were made, and how to make them again."""

    origin: str
    results: Mapping[AnchorKey, TokenVectorResult]


def shipped_anchors() -> ShippedAnchors:
    """The token-vector models of the lab's own teachers on their tasks. A changed file is read again."""
    path = reference.FOLDER / FILE
    return _read_once(path, of_files([path])) if path.exists() else ShippedAnchors("", {})


@lru_cache(maxsize=4)
def _read_once(path: Path, content: str) -> ShippedAnchors:
    """The results in a file whose content has this hash."""
    data = read_json(path)
    results = {AnchorKey(**each["key"]): TokenVectorResult.from_json(each["result"]) for each in data["anchors"]}
    return ShippedAnchors(data["origin"], results)


def write_anchors(shipped: ShippedAnchors, path: Path) -> None:
    """Write results as JSON, each on its own line, whole or not at all. Raises OSError."""
    lines = [json.dumps({"key": asdict(key), "result": result.to_json()}) for key, result in shipped.results.items()]
    body = ",\n".join(lines)
    write_whole(path, f'{{\n "origin": {json.dumps(shipped.origin)},\n "anchors": [\n{body}\n]}}\n')


def evaluated(runs: Iterable[FinishedRun]) -> Evaluation | None:
    """The evaluation of one of these runs that stored its own; None if none did. The labels are the same in each."""
    return next((run.result.evaluation for run in runs if run.result.evaluation is not None), None)


def majority_quality(evaluation: Evaluation, axis: QualityAxis) -> float | None:
    """The quality of the majority class beside an evaluation's teacher; None for probability loyalty.

    The teacher's confusion matrix has it: the true labels are the sums of its rows, the predictions those of its
    columns. A constant class has no probabilities to compare.
    """
    rows = evaluation.teacher_confusion
    labels = [sum(row) for row in rows]
    examples, most = sum(labels), max(range(len(labels)), key=labels.__getitem__)
    right = sum(row[i] for i, row in enumerate(rows))
    match axis:
        case "accuracy":
            return labels[most] / examples
        case "retention":
            return labels[most] / right if right else None
        case "agreement":
            return sum(row[most] for row in rows) / examples
        case _:
            return None
