"""A class of one honest submission, and changes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.data.examples import Examples
from labcore.exercise.grading import recompute, run_missing, submitted_specs
from labcore.exercise.submission_checks import Grade, check_file
from labcore.runs.store import Store
from labcore.system.progress import finish

REASON = (
    "I take the smallest student, because it keeps nearly all the accuracy of its teacher "
    "while most parameters are gone."
)
STUDENTS = (
    (KeepLayers(count=1),),
    (KeepLayers(count=3),),
    (KeepLayers(count=3), TrimVocabulary(size=20)),  # without unused tokens: smaller than B, with the same predictions
)
WORDS = [f"w{letter}" for letter in "abcdefgh"]


@dataclass(frozen=True)
class Class:
    """An honest submission as JSON data, and the grader's home, in which its students have been run again."""

    honest: dict[str, Any]
    home: Path

    def graded(self, folder: Path, data: object) -> Grade:
        """The grade of a submission of these data. The grader runs what it has not run before."""
        file = folder / "it.json"
        file.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        grade, store = check_file(file, file.name), Store(self.home)
        return recompute(grade, store, finish(run_missing(submitted_specs(grade), store)))


def examples(n: int, by: int) -> Examples:
    """Sentences of eight words; the label is whether the first is one of the first four."""
    rows = [[(by * i + i // 3) % 8, (3 * i + by) % 8, (i * i) % 8] for i in range(n)]
    return Examples(tuple(" ".join(WORDS[w] for w in row) for row in rows), tuple(int(row[0] < 4) for row in rows))


def put(path: str, value: object) -> Callable[[dict[str, Any]], object]:
    """A change of one place in the file, such as `figures.students.1.accuracy`."""

    def change(data: dict[str, Any]) -> dict[str, Any]:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = data
        for part in way:
            place = place[part]
        place[last] = value(place[last]) if callable(value) else value
        return data

    return change


def off_by_a_point(data: dict[str, Any]) -> dict[str, Any]:
    """As another processor's figures are."""
    for student, by in zip(data["figures"]["students"], (0.01, -0.01, 0.01), strict=True):
        for name in ("accuracy", "agreement", "retention"):
            student[name] += by
    return data
