"""What a worker needs of the lab's home to train a run, and what it sends back.

Files travel by their paths below the home, each with a version, so a worker takes each once. Those of several runs
lie in Ray's object store once: a teacher's targets, its weights, a data set.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labcore.config.spec import Spec
from labcore.data.own.data_rows import ROWS
from labcore.data.own.data_set import TASK_PREFIX
from labcore.data.own.data_summary import DataRow
from labcore.data.own.data_table import DataTable
from labcore.results.events import Event
from labcore.results.run import FinishedRun, Run
from labcore.runs.home_database import shared_database
from labcore.runs.store import Store
from labcore.runs.trained_student import Trained
from labcore.system.home import default_home
from labcore.teacher.identity import identity_of
from labcore.teacher.own_teachers import ENTRY, MODEL, folder_of_entry, is_own, ready_entry

MOST_SHARED = 256  # files that stay in Ray's object store
TARGETS = "targets"


@dataclass(frozen=True)
class SharedFile:
    """version: changes with the content. content: Ray's reference to its bytes."""

    version: str
    content: Any


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A run on its way to a worker.

    events: those that are stored. checkpoint: the content of its file; None without one. others: finished runs that it
    reads. data: what is known of its own data set, if it has one. files: by path below the home. targets: the name of
    the folder of targets, see `targets_folder`.
    """

    run: Run
    events: tuple[Event, ...]
    checkpoint: bytes | None
    others: tuple[FinishedRun, ...]
    data: DataRow | None
    files: Mapping[str, SharedFile]
    targets: str


@dataclass(frozen=True, kw_only=True)
class WorkerReply:
    """What a worker has to tell since it was last asked.

    run: the run's state. checkpoint: the newest, if there is a newer one. targets: by file name, those that it
    computed. trained: the end of the run. error: why it failed. over: whether nothing else comes.
    """

    events: tuple[Event, ...]
    run: Run
    checkpoint: bytes | None = None
    targets: Mapping[str, bytes] | None = None
    trained: Trained | None = None
    error: Exception | None = None
    over: bool = False


def targets_folder(spec: Spec) -> str:
    """The name of a folder for the targets of a teacher on a task. Raises TeacherError if there is no such teacher."""
    return hashlib.sha256(repr((identity_of(spec.teacher), spec.task)).encode()).hexdigest()[:16]


def files_of(spec: Spec, store: Store) -> Iterator[tuple[str, Path | bytes]]:
    """The files of the home that a run of this spec reads, by their paths below it; all but the targets.

    Raises SpecError if its teacher is not ready.
    """
    if is_own(spec.teacher):
        yield from _teacher_files(spec.teacher)
    if spec.task.startswith(TASK_PREFIX):
        folder = default_home() / "data" / spec.task.removeprefix(TASK_PREFIX)
        yield f"data/{folder.name}/{ROWS}", folder / ROWS
    if spec.assistant is not None and (run := store.find(spec.assistant)) is not None:
        yield from _below(store.home / "runs" / run.id / "student", f"runs/{run.id}/student")


def data_of(spec: Spec) -> DataRow | None:
    """What the home knows of the spec's own data set; None for a task of the lab. Raises OSError."""
    if not spec.task.startswith(TASK_PREFIX):
        return None
    return DataTable(shared_database(default_home())).read(spec.task.removeprefix(TASK_PREFIX))


def _teacher_files(name: str) -> Iterator[tuple[str, Path | bytes]]:
    """A teacher's entry and model. A folder elsewhere on this machine becomes a model beside the entry."""
    entry, folder = ready_entry(name), folder_of_entry(name)
    there = f"teachers/{folder.name}"
    if entry.source is not None and (elsewhere := Path(entry.source).expanduser()).is_dir():
        yield f"{there}/{ENTRY}", json.dumps(entry.to_dict() | {"source": None}).encode()
        yield from ((f"{there}/{MODEL}/{each.name}", each) for each in sorted(elsewhere.iterdir()) if each.is_file())
        return
    yield f"{there}/{ENTRY}", folder / ENTRY
    yield from _below(folder / MODEL, f"{there}/{MODEL}")


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Every file below a folder, under the folder's name."""
    for each in sorted(folder.rglob("*")):
        if each.is_file():
            yield f"{name}/{each.relative_to(folder).as_posix()}", each


class SharedFiles:
    """Files in Ray's object store, the most recent ones, so that equal ones are there once."""

    def __init__(self, ray: Any):
        self._ray = ray
        self._refs: OrderedDict[str, Any] = OrderedDict()

    def share(self, content: Path | bytes) -> SharedFile:
        """The file, put there unless it is. Raises OSError."""
        if isinstance(content, bytes):
            version = hashlib.sha256(content).hexdigest()
        else:
            state = content.stat()
            version = f"{content} {state.st_size} {state.st_mtime_ns} {state.st_ino}"
        ref = self._refs.pop(version, None)
        if ref is None:
            ref = self._ray.put(content if isinstance(content, bytes) else content.read_bytes())
        self._refs[version] = ref
        while len(self._refs) > MOST_SHARED:
            self._refs.popitem(last=False)
        return SharedFile(version, ref)
