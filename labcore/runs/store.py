"""Every run on disk, there after a restart: spec, events, result and the student's weights.

    HOME/runs/<id>/spec.json            what to do; never changes
                   run.json             status, counts, result; replaced whole
                   events.jsonl         what happened, one JSON object a line; only grows
                   answers.safetensors  its and the teacher's logits on the test split, see labcore.runs.answers
                   student/             the best checkpoint as a folder of its own; appears whole or not at all
                   lock                 held by the process that queues or trains the run
    HOME/targets/                       teacher outputs, see labcore.distil.targets

A run whose status says that it is active, while nobody holds its lock, was cut off: it reads as interrupted.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from labcore.record import Comparison, Event, Finished, Run, Status, event_from_dict, event_to_dict
from labcore.spec import Spec

PROJECT = Path(__file__).resolve().parents[2]


class RunNotFound(LookupError):
    """No run of this id is in the store."""


def default_home() -> Path:
    """Where runs are kept: the environment's LAB_HOME, or `.lab` in the project."""
    return Path(os.environ.get("LAB_HOME") or PROJECT / ".lab").expanduser().resolve()


class Store:
    """The runs under one home folder. Reading never needs the writer: any process may look at any run."""

    def __init__(self, home: Path | None = None):
        self.home = home or default_home()
        self.targets = self.home / "targets"
        self._runs = self.home / "runs"
        self._locks: dict[str, FileLock] = {}

    # -- writing -----------------------------------------------------------------------------------

    def create(self, spec: Spec) -> str:
        """A new run, queued and held by this process; its id sorts by time."""
        created = datetime.now(UTC)
        run_id = f"{created:%Y%m%d-%H%M%S}-{created.microsecond:05x}{secrets.token_hex(1)}"
        self._folder(run_id).mkdir(parents=True)
        lock = FileLock(self._folder(run_id) / "lock", thread_local=False)
        lock.acquire(timeout=0)
        self._locks[run_id] = lock
        write_whole(self._folder(run_id) / "spec.json", spec.to_json(indent=2) + "\n")
        self._write(Run(run_id, spec, "queued", created.isoformat(timespec="seconds")))
        return run_id

    def update(self, run_id: str, status: Status, **changes: Any) -> None:
        """Set a run's status, and counts, result or error; one that is no longer active is let go."""
        run = replace(self.read(run_id), status=status, **changes)
        self._write(run)
        if not run.active and run_id in self._locks:
            self._locks.pop(run_id).release()

    def append(self, run_id: str, event: Event) -> None:
        """Add an event at the end of the run's events, as one write of one line."""
        with open(self._folder(run_id) / "events.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(event_to_dict(event)) + "\n")

    def student_folder(self, run_id: str) -> Path:
        """Where the run's student is, or will be: see labcore.student.folder."""
        return self._folder(run_id) / "student"

    def answers_file(self, run_id: str) -> Path:
        """Where the run's answers to the test split are, or will be: see labcore.runs.answers."""
        return self._folder(run_id) / "answers.safetensors"

    def _write(self, run: Run) -> None:
        data = {
            "status": run.status,
            "created": run.created,
            "counts": run.counts.to_dict() if run.counts else None,
            "result": asdict(run.result) if run.result else None,
            "error": run.error,
        }
        write_whole(self._folder(run.id) / "run.json", json.dumps(data, indent=1) + "\n")

    # -- reading -----------------------------------------------------------------------------------

    def read(self, run_id: str) -> Run:
        """One run. Raises RunNotFound, also for an id that is no run's name (a link may hold anything)."""
        folder = self._folder(run_id)
        try:
            spec = Spec.from_json((folder / "spec.json").read_text(encoding="utf-8"))
            data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            run = Run(
                run_id,
                spec,
                data["status"],
                data["created"],
                data["counts"] and Comparison.from_dict(data["counts"]),
                data["result"] and cast(Finished, event_from_dict({"event": "finished", **data["result"]})),
                data["error"],
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunNotFound(f"run {run_id!r} can't be read under {self._runs}: {error}") from None
        if run.active and not self._held(run_id):
            fresh = json.loads((folder / "run.json").read_text(encoding="utf-8"))["status"]
            return replace(run, status="interrupted") if fresh == run.status else self.read(run_id)
        return run

    def runs(self) -> list[Run]:
        """Every run that can be read, newest first."""
        if not self._runs.is_dir():
            return []
        found = []
        for folder in sorted(self._runs.iterdir(), reverse=True):
            try:
                found.append(self.read(folder.name))
            except RunNotFound:  # a folder half-made, or not ours: the others still count
                continue
        return found

    def events(self, run_id: str) -> Iterator[Event]:
        """The run's events so far; a last line that is still being written is left for the next call."""
        try:
            text = (self._folder(run_id) / "events.jsonl").read_text(encoding="utf-8")
        except OSError:
            return
        for line in text[: text.rfind("\n") + 1].splitlines():
            yield event_from_dict(json.loads(line))

    def _folder(self, run_id: str) -> Path:
        if not run_id or run_id != Path(run_id).name or run_id.startswith("."):
            raise RunNotFound(f"{run_id!r} is not a run's id")
        return self._runs / run_id

    def _held(self, run_id: str) -> bool:
        """Whether some process, this one or another, holds the run."""
        if run_id in self._locks:
            return True
        lock = FileLock(self._folder(run_id) / "lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False


def packed(folder: Path) -> bytes:
    """A folder as a zip file; weights do not get smaller by compression, so they are stored as they are."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{folder.parent.name}/{file.name}")
    return content.getvalue()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(beside, path)
    finally:
        Path(beside).unlink(missing_ok=True)
