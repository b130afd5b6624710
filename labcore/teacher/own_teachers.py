"""Teachers of your own, by the name `own:<id>`: fine-tuned here, or brought as a folder. Standard library only.

HOME/teachers/<id>/teacher.json  title, task, source, order of the labels, status and figures; replaced whole
                   model/        its files, unless `source` names a folder or a model of the Hugging Face hub

A spec holds the name, so links, runs and reruns need no path. labcore.runs.teacher_store writes these folders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from labcore.config.checks import SpecError, known_fields, shown
from labcore.config.finetuning import FineTuning
from labcore.config.json_data import parsed
from labcore.results.accuracy_error import standard_error
from labcore.system.home import default_home

OWN = "own:"
ENTRY, MODEL = "teacher.json", "model"
Origin = Literal["made", "folder", "upload", "hub"]
TeacherStatus = Literal["queued", "running", "ready", "stopped", "failed", "interrupted"]
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, kw_only=True)
class TeacherFigures:
    """What was measured when a teacher was made or brought.

    accuracy: on `examples` examples of the test split (made here) or the validation split (brought).
    majority: the accuracy of always predicting the most frequent class of the same examples. train: the number of
    training examples; 0 if it was brought. seconds: of the fine-tuning.
    """

    accuracy: float
    majority: float
    examples: int
    train: int = 0
    seconds: float = 0.0

    @property
    def standard_error(self) -> float:
        """The standard error of the accuracy."""
        return standard_error(self.accuracy, self.examples)


@dataclass(frozen=True, kw_only=True)
class OwnTeacher:
    """The entry of one teacher. created: ISO 8601, UTC.

    source: the folder or the hub's id that holds its files; None if they are in its own folder `model`.
    order: for each label of the task the classifier's row, if somebody confirmed it; None if the names decide.
    finetuning: how it was made here. error: why that failed. owner: whose it is, see labcore.owners.owner; None if it
    came by the command line, or from an earlier version.
    """

    id: str
    title: str
    task: str
    origin: Origin
    created: str
    status: TeacherStatus = "ready"
    source: str | None = None
    order: tuple[int, ...] | None = None
    finetuning: FineTuning | None = None
    figures: TeacherFigures | None = None
    error: str | None = None
    owner: str | None = None

    @property
    def name(self) -> str:
        """The name under which a spec has it."""
        return f"{OWN}{self.id}"

    @property
    def active(self) -> bool:
        """Whether it is being made, or waits for that."""
        return self.status in ("queued", "running")

    def is_made_by(self, title: str, config: FineTuning, owner: str | None) -> bool:
        """Whether this owner's order for a teacher of this title is this entry."""
        return (self.title, self.finetuning, self.owner) == (title, config, owner)

    def to_dict(self) -> dict[str, Any]:
        """The entry as JSON-ready data."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Any) -> OwnTeacher:
        """The inverse of `to_dict`. Raises SpecError if the data are no entry."""
        given = known_fields("the teacher's entry", data, OwnTeacher)
        order, made, figures = given.get("order"), given.get("finetuning"), given.get("figures")
        try:
            given["order"] = None if order is None else tuple(int(row) for row in order)
            given["finetuning"] = None if made is None else FineTuning.from_dict(made)
            given["figures"] = None if figures is None else TeacherFigures(**figures)
            return OwnTeacher(**given)
        except (TypeError, ValueError) as error:
            raise SpecError(f"the teacher's entry is damaged ({error}); bring or make the teacher again") from None


def is_own(name: str) -> bool:
    """Whether a teacher's name is one of a teacher of your own."""
    return name.startswith(OWN)


def teachers_folder() -> Path:
    """The folder of all teachers of your own; it may not be there yet."""
    return default_home() / "teachers"


def folder_of_entry(name: str) -> Path:
    """The folder of the teacher `own:<id>`, which need not be there. Raises SpecError if it is no such name."""
    teacher_id = name.removeprefix(OWN)
    if not is_own(name) or not _ID.fullmatch(teacher_id):
        raise SpecError(f"{shown(name)} is not the name of a teacher of your own; give 'own:' and its id")
    return teachers_folder() / teacher_id


def entry_of(name: str) -> OwnTeacher | None:
    """The entry of the teacher `own:<id>`; None if this lab has none. Raises SpecError if the entry is damaged."""
    try:
        text = (folder_of_entry(name) / ENTRY).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return OwnTeacher.from_dict(parsed(text, "the teacher's entry"))


def all_entries() -> list[OwnTeacher]:
    """The entries of all teachers of your own that can be read, newest first."""
    entries = []
    for folder in _listed(teachers_folder()):
        try:
            entry = entry_of(f"{OWN}{folder.name}")
        except SpecError:
            continue
        if entry is not None:
            entries.append(entry)
    return sorted(entries, key=lambda entry: (entry.created, entry.id), reverse=True)


def ready_entries() -> list[OwnTeacher]:
    """Those that can teach, newest first."""
    return [entry for entry in all_entries() if entry.status == "ready"]


def ready_entry(name: str) -> OwnTeacher:
    """The entry of a teacher of your own that can teach. Raises SpecError if this lab has none, or not yet."""
    entry = entry_of(name)
    if entry is None:
        raise SpecError(
            f"this lab has no teacher {shown(name)}: it was removed, or is on another machine; make or bring it on the "
            "page Data, or choose another teacher"
        )
    if entry.status != "ready":
        raise SpecError(f"teacher {shown(name)} is not ready ({entry.status}); make it again on the page Data")
    if entry.source is None and not (folder_of_entry(name) / MODEL).is_dir():
        raise SpecError(f"the files of teacher {shown(name)} are gone; make or bring it again on the page Data")
    return entry


def own_task_of(name: str) -> str | None:
    """The task of a teacher of your own; None if the lab has no such teacher."""
    try:
        entry = entry_of(name) if is_own(name) else None
    except SpecError:
        return None
    return entry.task if entry else None


def is_english(name: str) -> bool:
    """Whether a teacher was pre-trained on English only: the lab's own, and those that were made from its MiniLM.

    Of a teacher that was brought, nothing is known.
    """
    if not is_own(name):
        return not _is_path(name)
    try:
        entry = entry_of(name)
    except SpecError:
        return False
    return entry is not None and entry.origin == "made"


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name


def confirmed_order(name: str, task: str) -> tuple[int, ...] | None:
    """For each label of the task the classifier's row, if somebody confirmed it for this teacher and task."""
    entry = entry_of(name) if is_own(name) else None
    return entry.order if entry is not None and entry.task == task else None


def titles() -> Mapping[str, str]:
    """The title of each teacher of your own, by name."""
    return {entry.name: entry.title for entry in all_entries()}


def _listed(folder: Path) -> list[Path]:
    try:
        return [each for each in folder.iterdir() if _ID.fullmatch(each.name)]
    except OSError:
        return []
