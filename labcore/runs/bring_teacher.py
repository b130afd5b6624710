"""Bringing a teacher: it is examined on the task before it counts as one, and the order of its labels is settled.

A classifier's rows have the order that its trainer chose. Names settle it if they are the task's. Otherwise the lab
proposes the order that fits the task's validation examples best, and a person confirms it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from labcore.config.checks import shown
from labcore.data.tasks import load_task
from labcore.models.architecture import Architecture
from labcore.runs.teacher_check import EXAMPLES, MAX_UNKNOWN, SURE, TeacherCheck, check_classes, measure
from labcore.runs.teacher_models import load_for, sizes_of
from labcore.runs.teacher_store import TeacherStore
from labcore.system.host import free_bytes
from labcore.teacher.labels import order_by_name
from labcore.teacher.location import PATTERNS, TeacherError, folder_of, hub_folder
from labcore.teacher.own_teachers import Origin, OwnTeacher, TeacherFigures, teachers_folder

MAX_UPLOAD = 500_000_000  # bytes of an uploaded teacher, all its files together
MAX_FILES = 40
STAGED, DAY_S = ".upload-", 24 * 3600


@dataclass(frozen=True)
class Examination:
    """What was found of a teacher on a task.

    given: its own label names, by row. measured: its confusion matrix, a row for each label of the task, a column for
    each row of its classifier. by_name: for each label of the task the classifier's row of that name; None if the names
    leave it open.
    """

    source: str
    task: str
    sizes: Architecture
    given: tuple[str, ...]
    measured: TeacherCheck
    by_name: tuple[int, ...] | None

    @property
    def by_fit(self) -> tuple[int, ...]:
        """For each label of the task the classifier's row that fits it best."""
        return self.measured.best_order[0]

    @property
    def proposed(self) -> tuple[int, ...]:
        """The order by name, if names settle it, or else the best fit."""
        return self.by_name or self.by_fit

    @property
    def settled(self) -> bool:
        """Whether names settle the order, and no other order is significantly more accurate."""
        return self.by_name is not None and not self.significantly_better(self.by_fit, self.by_name)

    def accuracy(self, order: Sequence[int]) -> float:
        """The accuracy on the examined examples if the task's label i is the classifier's row order[i]."""
        return sum(row[order[i]] for i, row in enumerate(self.measured.matrix)) / self.measured.examples

    def significantly_better(self, order: Sequence[int], than: Sequence[int]) -> bool:
        """Whether one order is more accurate than another by more than SURE standard errors."""
        one, other, n = self.accuracy(order), self.accuracy(than), self.measured.examples
        error = (one * (1 - one) / n + other * (1 - other) / n) ** 0.5
        return one - other > SURE * error

    def check(self, order: Sequence[int]) -> None:
        """Raise TeacherError if the teacher does not do the task in this order of its labels."""
        if sorted(order) != list(range(len(self.given))):
            raise TeacherError("each label of the task needs a label of the teacher of its own; choose each one once")
        accuracy, majority, n = self.accuracy(order), self.measured.majority, self.measured.examples
        if self.measured.unknown > MAX_UNKNOWN:
            raise TeacherError(
                f"its tokenizer reads {100 * self.measured.unknown:.0f} % of the tokens as unknown ([UNK]); "
                "give the tokenizer that the teacher was trained with"
            )
        if accuracy <= majority:
            raise TeacherError(
                f"with these labels the teacher is right for {100 * accuracy:.1f} % of {n} validation examples, and "
                f"always predicting the most frequent class is for {100 * majority:.1f} %: it does not do this task; "
                "match its labels otherwise, or give a teacher that was fine-tuned on this task"
            )


def examine(source: str, task: str) -> Examination:
    """Read a teacher from a folder or the hub, and measure it on some validation examples of the task.

    Raises TeacherError if it can't be read, has another number of classes, or needs more memory than is free.
    """
    check_classes(source, task)
    sizes = sizes_of(source)
    _check_memory(source)
    examples = load_task(task).teacher_splits["validation"].spread(EXAMPLES)
    model = load_for(source, None).model
    given = tuple(str(name) for name in (model.config.id2label or {}).values())
    return Examination(
        source=source,
        task=task,
        sizes=sizes,
        given=given,
        measured=measure(model, source, task, examples),
        by_name=order_by_name(given, load_task(task).label_names),
    )


def bring(
    examination: Examination,
    title: str,
    order: Sequence[int],
    origin: Origin,
    store: TeacherStore,
    owner: str | None = None,
) -> OwnTeacher:
    """Take an examined teacher into the lab under a title, with this order of its labels. owner: whose it is then.

    Uploaded files move into its own folder; a folder of the host or a model of the hub stays where it is.
    Raises TeacherError if it does not do the task in this order, SpecError for the title, and OSError.
    """
    examination.check(order)
    figures = TeacherFigures(
        accuracy=examination.accuracy(order),
        majority=examination.measured.majority,
        examples=examination.measured.examples,
    )
    uploaded = origin == "upload"
    return store.create(
        title,
        examination.task,
        origin,
        files=examination.source if uploaded else None,
        status="ready",
        source=None if uploaded else examination.source,
        order=tuple(order),
        figures=figures,
        owner=owner,
    )


def stage_upload(files: Mapping[str, bytes]) -> Path:
    """Write the files of an uploaded teacher into a new folder of the home, and return it.

    Raises TeacherError for a name that is a path, for files that no teacher has, and if they are too many or too large.
    Raises OSError if the home does not take them.
    """
    allowed = [name for name in files if any(Path(name).match(pattern) for pattern in PATTERNS)]
    if hidden := next((name for name in files if name != Path(name).name or name.startswith(".")), None):
        raise TeacherError(f"{shown(hidden)} is no plain file name; choose the files of one folder")
    if not any(name.endswith(".safetensors") for name in allowed):
        raise TeacherError(
            "there is no file that ends in .safetensors, which holds the weights; choose all files that "
            "save_pretrained wrote"
        )
    if len(allowed) > MAX_FILES or sum(len(files[name]) for name in allowed) > MAX_UPLOAD:
        raise TeacherError(
            f"these are {len(allowed)} files of {sum(map(len, files.values())) / 1e6:,.0f} MB; give at most "
            f"{MAX_FILES} files of {MAX_UPLOAD / 1e6:.0f} MB together, or put them below LAB_TEACHERS"
        )
    teachers_folder().mkdir(parents=True, exist_ok=True)
    _remove_old_uploads()
    folder = Path(mkdtemp(dir=teachers_folder(), prefix=STAGED))
    try:
        for name in allowed:
            (folder / name).write_bytes(files[name])
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _remove_old_uploads() -> None:
    """Remove staged files of teachers that nobody took within a day: a reload of the page forgets them."""
    for folder in teachers_folder().glob(f"{STAGED}*"):
        with suppress(OSError):  # another process removed it
            if time.time() - folder.stat().st_mtime > DAY_S:
                shutil.rmtree(folder, ignore_errors=True)


def pinned(hub_id: str) -> str:
    """A hub id with its commit: the one that it names, or the newest one on the hub, or else the one on this machine.

    Raises TeacherError if there is no such model.
    """
    hub_id = hub_id.strip()
    folder = hub_folder(hub_id)  # in the hub's cache: models--owner--name/snapshots/<commit>
    return hub_id if "@" in hub_id else f"{hub_id}@{folder.name}"


def _check_memory(source: str) -> None:
    """Raise TeacherError if the teacher's files are larger than the free memory."""
    needed = 2 * sum(file.stat().st_size for file in folder_of(source).glob("*.safetensors"))
    free = free_bytes()
    if needed > free:
        raise TeacherError(
            f"reading this teacher takes about {needed / 1e9:,.1f} GB of memory, but {free / 1e9:,.1f} GB are free; "
            "close other programs, or give a smaller teacher"
        )
