"""What is handed in: one file with the attempt, the figures that it claims, and what made them."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from labcore.config.spec import SpecError
from labcore.config.steps import check_integer, check_number, shown
from labcore.exercise.attempt import SLOTS, Attempt, now
from labcore.exercise.attempt_results import Figures, StudentFigures
from labcore.system.json_data import parsed, whole_object

KIND = "teacher-student-lab exercise"
MAX_BYTES = 200_000  # a hand-in has some thousand
LIBRARIES = ("torch", "transformers", "streamlit")


@dataclass(frozen=True)
class Submission:
    """An attempt with the figures that it claims; versions of Python and libraries, the machine in words, and the time."""

    attempt: Attempt
    figures: Figures
    versions: dict[str, str]
    machine: str
    date: str

    def to_json(self) -> str:
        """The file's text."""
        data = {"kind": KIND, **asdict(self), "attempt": self.attempt.to_dict()}
        return json.dumps(data, indent=1) + "\n"


def submission(attempt: Attempt, figures: Figures) -> Submission:
    """The hand-in of an attempt, made here and now. Its id tells attempts apart, and does not open the attempt."""
    from labcore.runs.sweep import machine

    versions = {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
    mark = hashlib.sha256(attempt.id.encode()).hexdigest()[: len(attempt.id)]
    return Submission(replace(attempt, id=mark), figures, versions, machine(), now())


def read_submission(path: Path) -> Submission:
    """The hand-in in a file. Raises SpecError, which says what is wrong with it; nothing in the file is believed or run."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SpecError(
                f"it has {size:,} bytes; a hand-in has at most {MAX_BYTES:,}: give the file that the lab wrote"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"it can't be read ({error}); give the file as the lab wrote it") from None
    data = parsed(text, "it")
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise SpecError(
            f'it is no hand-in of the exercise; give the file that the page wrote, whose "kind" is "{KIND}"'
        )
    given = whole_object("the hand-in", data, ("kind", *(f.name for f in fields(Submission))))
    versions = given["versions"]
    if not isinstance(versions, dict) or not all(_is_line(part) for part in (*versions, *versions.values())):
        raise SpecError(f"versions is {shown(versions)}; give names and versions")
    for name in ("machine", "date"):
        if not _is_line(given[name]):
            raise SpecError(f"{name} is {shown(given[name])}; give a line of text")
    attempt = Attempt.from_dict(given["attempt"])
    return Submission(attempt, _figures(given["figures"]), versions, given["machine"], given["date"])


def _figures(data: object) -> Figures:
    given = whole_object("figures", data, tuple(f.name for f in fields(Figures)))
    check_integer("figures.teacher_parameters", given["teacher_parameters"], 1, 10**12)
    check_number("figures.teacher_accuracy", given["teacher_accuracy"], 0.0)
    if not isinstance(given["students"], list) or len(given["students"]) != len(SLOTS):
        raise SpecError(f"figures.students is {shown(given['students'])}; give a list of {len(SLOTS)}")
    return Figures(**given | {"students": tuple(_student(student) for student in given["students"])})


def _student(data: object) -> StudentFigures:
    given: dict[str, Any] = whole_object("a student's figures", data, tuple(f.name for f in fields(StudentFigures)))
    check_integer("parameters", given["parameters"], 1, 10**12)
    for name in ("accuracy", "agreement", "retention"):
        check_number(name, given[name], 0.0)
    runs = given["runs"]
    if not isinstance(runs, list) or not runs or not all(_is_line(run) for run in runs):
        raise SpecError(f"runs is {shown(runs)}; give the ids of the runs")
    return StudentFigures(**given | {"runs": tuple(runs)})


def _is_line(text: object) -> bool:
    return isinstance(text, str) and len(text) <= 200 and text.isprintable()
