"""What is kept, and by which key: every cache of the lab with all that its key holds.

    python -m benchmarks.keys

A cache whose key leaves out something that changes its value gives a wrong figure silently.
tests/runs/test_cache_keys.py checks that this table is complete. It also changes each input by itself and expects
another key.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from labcore.distil.targets import TargetsKey
from labcore.evaluate.lower_anchors import AnchorKey
from labcore.runs.cache_keys import CalibrationKey, DesignKey, TeacherKey
from labcore.runs.frontier_files import MeasuredKey

LABCORE = Path(__file__).resolve().parents[1] / "labcore"


@dataclass(frozen=True)
class Cache:
    """where: module and function. kept: what. key: a key's type, or what it is made of in words."""

    where: str
    kept: str
    key: type | str


CACHES = (
    Cache("distil.targets.teacher_targets", "a teacher's logits and states, on disk", TargetsKey),
    Cache(
        "compress.calibration.remember",
        "decompositions of matrices",
        "the teacher's fingerprint (weights, config, heads), the steps before, the seed, the method, the matrix; "
        "in one calibration set",
    ),
    Cache("runs.home_database._shared", "connections to databases", "the home, LAB_DATABASE_URL"),
    Cache("runs.cache._teacher", "teachers in memory", TeacherKey),
    Cache("runs.cache._calibration", "calibration data: training examples in a teacher's tokens", CalibrationKey),
    Cache("runs.cache._student", "derived students", DesignKey),
    Cache("runs.cache._counted", "counts of teacher and student", DesignKey),
    Cache("runs.cache._structure", "shapes of students", DesignKey),
    Cache("runs.cache._blueprint", "students without weights", DesignKey),
    Cache("runs.cache._teacher_counts", "counts of teachers", "the teacher's key and the number of tokens"),
    Cache("runs.teacher_models._blueprint", "teachers without weights", "the teacher's name and the hash of its files"),
    Cache(
        "runs.teacher_check._measured", "measurements of brought teachers", "TeacherKey, and the hash of the examples"
    ),
    Cache(
        "runs.export_untrained._unknown_share",
        "fractions of [UNK]",
        "CalibrationKey, the split and its hash, the vocabulary",
    ),
    Cache(
        "runs.predict._student",
        "saved students for texts of your own",
        "CalibrationKey, the store, the run's id, the hash of its structure.json, with the hashes of all others",
    ),
    Cache(
        "runs.paired_comparison._pair",
        "paired comparisons of two runs",
        "the store, both runs' ids with the hashes of their logits",
    ),
    Cache(
        "runs.paired_comparison._mean_difference",
        "comparisons of seed groups",
        "the store, all runs' ids with the hashes of their logits",
    ),
    Cache(
        "exercise.counting_drawn.right_drawn_counts", "counts of drawn models", "the attempt's mark, which draws them"
    ),
    Cache("exercise.lab_copy.lab_copy", "the lab as a zip file", "no key; sources do not change while the lab runs"),
    Cache(
        "data.tasks.own_data._task",
        "tasks of your own data, with their examples",
        "the data set's hash and the home; whether it is still there is looked up each time",
    ),
    Cache("evaluate.reference._read_once", "reference results", "the file with the hash of its content"),
    Cache("evaluate.lower_anchors._read_once", "models without an encoder", "the file with the hash of its content"),
    Cache("runs.frontier_files.keep_anchor", "models without an encoder, on disk", AnchorKey),
    Cache("runs.frontier_files.keep", "times and peak memory of designs, on disk", MeasuredKey),
    Cache(
        "teacher.load._own_architecture", "sizes of your own teachers", "the teacher's name and the hash of its files"
    ),
    Cache("teacher.identity._content", "hashes of files", "path, size, both times, inode"),
    Cache("count.parameters.blank", "models without weights", "the architecture: nothing else is in them"),
    Cache("count.parameters._teachers", "counts of architectures", "the architecture and the number of tokens"),
    Cache(
        "system.code_version.code_version",
        "hashes of the lab's own sources",
        "the modules; sources do not change while the lab runs",
    ),
    Cache("models.parts._activation", "activation functions", "the name of one in transformers"),
)


def cached_functions() -> set[str]:
    """Every function of labcore whose results are kept, as `module.function`."""
    functions = set()
    for file in LABCORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(_keeps(mark) for mark in node.decorator_list):
                functions.add(".".join([*file.relative_to(LABCORE).with_suffix("").parts, node.name]))
    return functions


def _keeps(mark: ast.expr) -> bool:
    name = mark.func if isinstance(mark, ast.Call) else mark
    return isinstance(name, ast.Name) and name.id in ("cache", "lru_cache", "kept_by_size")


def held(key: type | str) -> str:
    """All that a key holds, in words; a key within a key by its own fields."""
    if isinstance(key, str):
        return key
    parts = []
    for field in fields(key):
        inner = {"TeacherKey": TeacherKey, "CalibrationKey": CalibrationKey}.get(str(field.type))
        parts.append(f"{field.name} ({held(inner)})" if inner is not None and is_dataclass(inner) else field.name)
    return ", ".join(parts)


def main() -> None:
    """Print the table."""
    print("| kept | where | by |\n|---|---|---|")
    for cache in CACHES:
        print(f"| {cache.kept} | `{cache.where}` | {held(cache.key)} |")


if __name__ == "__main__":
    main()
