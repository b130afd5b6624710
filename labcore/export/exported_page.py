"""A page of a student as plain data: what it is to have, and what a written one states. Standard library only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from labcore.config.checks import SpecError, check_integer, shown
from labcore.config.json_data import read_json
from labcore.export.exported_folder import FORMAT, KINDS, ExportedFolder, Kind, OnnxKind, read_exported

Page = Literal["page"]
PAGE: Page = "page"
FORMS: tuple[Kind | Page, ...] = (*KINDS, PAGE)  # all that a model is exported as
FACTS = "page.json"
STUDENT, TEACHER = "student", "teacher"  # the folders of its models
MOST_BYTES = 2**63
AGAIN = "export the page again with `python -m labcore export`"


@dataclass(frozen=True)
class PageChoice:
    """What a page has. weights: the kind of the student's file; None for fp32, or for its own grid of low bits.

    beside_teacher: whether the teacher computes beside the student.
    """

    weights: OnnxKind | None = None
    beside_teacher: bool = False

    @property
    def name(self) -> str:
        """Of its folder, among a run's exports."""
        return "-".join([PAGE, *([self.weights] if self.weights else []), *([TEACHER] if self.beside_teacher else [])])

    @property
    def arguments(self) -> list[str]:
        """Of the command `export`."""
        weights = ["--weights", self.weights] if self.weights else []
        return ["--to", PAGE, *weights, *(["--beside-teacher"] if self.beside_teacher else [])]


@dataclass(frozen=True)
class ExportedPage:
    """A page that was written. student, teacher: what their exported folders state; no teacher, None.

    bytes: that a browser loads until all its models compute, from a server without compression.
    """

    student: ExportedFolder
    teacher: ExportedFolder | None
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """All fields, the format's number, and the kind `page`."""
        return {"format": FORMAT, "kind": PAGE} | asdict(self)


def read_page(folder: Path) -> ExportedPage:
    """What a page's folder states about itself. Raises SpecError if it is none, or damaged."""
    path = folder / FACTS
    data = read_json(path, AGAIN)
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("models"), list):
        raise SpecError(f"{path} is {shown(data)}, not the facts of a page; {AGAIN}")
    check_integer(f"{path}: bytes", data.get("bytes"), 1, MOST_BYTES)
    student, *teachers = [read_exported(folder / role) for role in (STUDENT, TEACHER)[: max(1, len(data["models"]))]]
    return ExportedPage(student, teachers[0] if teachers else None, data["bytes"])
