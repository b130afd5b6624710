"""A class of one honest submission, and changes of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.data.examples import Examples
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_results import results_of
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.exercise.copies import flag_copies
from labcore.exercise.grading import recompute, run_missing, submitted_specs
from labcore.exercise.own_counts import with_line
from labcore.exercise.signature import attempt_fields, key_of_home, mark_of, result_fields, sign
from labcore.exercise.signature_check import Verifier, verifier_for
from labcore.exercise.submission import submit
from labcore.exercise.submission_checks import Grade, check_file
from labcore.runs.store import Store
from labcore.system.progress import finish
from tests.shared.attempts import right_line

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
    """Ada's attempt on a class server, and a grader's home, in which her students are run again."""

    attempt: Attempt
    server: Store
    home: Path

    @cached_property
    def honest(self) -> dict[str, Any]:
        """Ada's submission, as JSON data."""
        return self.submitted(self.attempt)

    def submitted(self, attempt: Attempt) -> dict[str, Any]:
        """What the server hands out for an attempt, signed."""
        save_attempt(attempt, self.server)
        stored, results = load_attempt(attempt.id, self.server), results_of(attempt, self.server.runs())
        assert stored is not None
        assert results is not None
        data: dict[str, Any] = json.loads(submit(stored, results, self.server.home).to_json())
        return data

    def another(self, name: str, **changes: Any) -> Attempt:
        """An honest attempt of another person with the same students, by their own function, at another time."""
        own = {"predicted": "2026-01-03T10:00:00+00:00", "begun": "2026-01-03T10:05:00+00:00"}
        reason = " ".join(f"{name}{i}" for i in range(20))
        attempt = replace(self.attempt, **{"id": new_id(), "name": name, "reason": reason, **own, **changes})
        return with_line(attempt, right_line(attempt))

    def signed_again(self, data: Any) -> Any:
        """Changed data as the server would have signed them; anything that it would not sign stays as it is."""
        if not isinstance(data, dict) or not {"attempt", "figures"} <= data.keys():
            return data
        try:
            fields = attempt_fields(data["attempt"]) | result_fields(data["figures"])
        except ValueError:  # not three slots
            return data
        signature = sign(data["attempt"]["id"], fields, key_of_home(self.server.home))
        return put("attempt.signature", asdict(signature))(data)

    @property
    def verifier(self) -> Verifier:
        """A grader that has the server's key, and nothing else of it."""
        return Verifier(key_of_home(self.server.home))

    def graded(self, folder: Path, data: object, verifier: Verifier | None = None) -> Grade:
        """The grade of a submission of these data. The grader runs what it has not run before."""
        file = folder / "it.json"
        file.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        grade, store = check_file(file, file.name, verifier or self.verifier), Store(self.home)
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


def new_id_and_reason(room: Class) -> dict[str, Any]:
    """Ada's file under another id, with another name and other words."""
    data = put("attempt.id", mark_of(new_id()))(copy.deepcopy(room.honest))
    return put("attempt.name", "Eve")(put("attempt.reason", " ".join(f"other{i}" for i in range(20)))(data))


def without_signature(room: Class) -> dict[str, Any]:
    return put("attempt.signature", None)(copy.deepcopy(room.honest))


def outcome_of(grade: Grade, name: str) -> tuple[str, str]:
    [check] = [check for check in grade.checks if check.name == name]
    return check.outcome, check.why


def checked(room: Class, data: dict[str, Any], folder: Path) -> Grade:
    """Graded without training, with the server's home."""
    file = folder / "it.json"
    file.write_text(json.dumps(data))
    return check_file(file, "it.json", verifier_for(room.server.home, None))


def class_of(room: Class, folder: Path, verifier: Verifier, **files: dict[str, Any]) -> dict[str, str]:
    """What is said about copies, by file."""
    grades = []
    for name, data in files.items():
        (folder / name).write_text(json.dumps(data))
        grades.append(check_file(folder / name, name, verifier))
    return {g.file: "; ".join(c.why for c in g.checks if c.name == "original") for g in flag_copies(grades)}
