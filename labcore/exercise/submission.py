"""The submission: one file with the attempt, the results that it claims, and the versions and machine behind them."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from labcore.config.checks import check_integer, check_number, shown
from labcore.config.json_data import parsed, whole_object
from labcore.config.spec import SpecError
from labcore.exercise.attempt import MAX_PARAMETERS, SLOTS, Attempt, now
from labcore.exercise.attempt_results import AttemptResults, StudentResults
from labcore.exercise.signature import Signature, attempt_fields, key_of_home, mark_of, result_fields, sign
from labcore.system.processor import machine

KIND = "teacher-student-lab exercise"
KEYS = ("kind", "attempt", "figures", "versions", "machine", "date")  # `figures` are the results
MAX_BYTES = 200_000  # a submission has some thousand
LIBRARIES = ("torch", "transformers", "streamlit")


@dataclass(frozen=True, kw_only=True)
class Submission:
    """An attempt with the results that it claims, versions of Python and libraries, the machine, and the time.

    The attempt's id is its mark. signed_fields: what a signature covers, as the file has it.
    """

    attempt: Attempt
    results: AttemptResults
    versions: dict[str, str]
    machine: str
    date: str
    signed_fields: Mapping[str, object] = field(default_factory=dict, compare=False)

    def to_json(self) -> str:
        """The file's text."""
        data = {
            "kind": KIND,
            "attempt": self.attempt.to_dict(),
            "figures": asdict(self.results),
            "versions": self.versions,
            "machine": self.machine,
            "date": self.date,
        }
        return json.dumps(data, indent=1) + "\n"


def submit(attempt: Attempt, results: AttemptResults, home: Path | None = None) -> Submission:
    """The submission of an attempt, made here and now. Its id tells attempts apart, but does not open the attempt.

    home: whose key signs the results, if the attempt is signed; without a home they are not signed. Raises OSError or
    SpecError if its key can't be read.
    """
    versions = {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
    marked = replace(attempt, id=mark_of(attempt.id))
    if home is not None and attempt.signature is not None:
        marked = replace(marked, signature=_with_results(attempt.signature, marked.id, results, key_of_home(home)))
    return Submission(attempt=marked, results=results, versions=versions, machine=machine(), date=now())


def _with_results(signature: Signature, mark: str, results: AttemptResults, key: bytes) -> Signature:
    """An attempt's signature with the codes of its results."""
    added = sign(mark, result_fields(asdict(results)), key, signature.saved)
    return replace(signature, codes={**signature.codes, **added.codes})


def read_submission(path: Path) -> Submission:
    """The submission in a file, whose content is neither trusted nor run. Raises SpecError if it is not one."""
    data = parsed(_text(path), "it")
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise SpecError(
            f'it is no submission of the exercise; give the file that the page wrote, whose "kind" is "{KIND}"'
        )
    given = whole_object("the submission", data, KEYS)
    versions = given["versions"]
    if not isinstance(versions, dict) or not all(_is_line(part) for part in (*versions, *versions.values())):
        raise SpecError(f"versions is {shown(versions)}; give names and versions")
    for name in ("machine", "date"):
        if not _is_line(given[name]):
            raise SpecError(f"{name} is {shown(given[name])}; give a line of text")
    return Submission(
        attempt=Attempt.from_dict(given["attempt"]),
        results=_results(given["figures"]),
        signed_fields={**attempt_fields(given["attempt"]), **result_fields(given["figures"])},
        versions=versions,
        machine=given["machine"],
        date=given["date"],
    )


def _text(path: Path) -> str:
    """The file's text, if it is not too large to be a submission."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SpecError(
                f"it has {size:,} bytes; a submission has at most {MAX_BYTES:,}: give the file that the lab wrote"
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"it can't be read ({error}); give the file as the lab wrote it") from None


def _results(data: object) -> AttemptResults:
    given = whole_object("figures", data, tuple(f.name for f in fields(AttemptResults)))
    check_integer("figures.teacher_parameters", given["teacher_parameters"], 1, MAX_PARAMETERS)
    check_number("figures.teacher_accuracy", given["teacher_accuracy"], 0.0)
    if not isinstance(given["students"], list) or len(given["students"]) != len(SLOTS):
        raise SpecError(f"figures.students is {shown(given['students'])}; give a list of {len(SLOTS)}")
    return AttemptResults(**given | {"students": tuple(_student(student) for student in given["students"])})


def _student(data: object) -> StudentResults:
    given: dict[str, Any] = whole_object("a student's figures", data, tuple(f.name for f in fields(StudentResults)))
    check_integer("parameters", given["parameters"], 1, MAX_PARAMETERS)
    for name in ("accuracy", "agreement", "retention"):
        check_number(name, given[name], 0.0)
    runs = given["runs"]
    if not isinstance(runs, list) or not runs or not all(_is_line(run) for run in runs):
        raise SpecError(f"runs is {shown(runs)}; give the ids of the runs")
    return StudentResults(**given | {"runs": tuple(runs)})


def _is_line(text: object) -> bool:
    return isinstance(text, str) and len(text) <= 200 and text.isprintable()
