"""Teachers of your own on disk, as they are written: made, brought, renamed, removed. Reading is elsewhere.

Besides what labcore.teacher.own_teachers names, a folder holds `events.jsonl`, the events of its fine-tuning, and
`lock`, which the process that makes it holds.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from labcore.config.checks import SpecError
from labcore.config.finetuning import FineTuning
from labcore.config.json_data import parsed
from labcore.results.events import Event, event_from_dict, event_to_dict
from labcore.results.run import checked_name
from labcore.system.files import add_lines, locked, remove_folder, write_whole
from labcore.system.hashed_files import remove_unused, share
from labcore.system.home import default_home
from labcore.teacher.own_teachers import (
    ENTRY,
    MODEL,
    OWN,
    Origin,
    OwnTeacher,
    all_entries,
    entry_of,
    folder_of_entry,
)


class TeacherStore:
    """Writes the entries of own teachers, and holds those that this process makes."""

    def __init__(self) -> None:
        self._locks: dict[str, FileLock] = {}

    # -- writing -----------------------------------------------------------------------------------

    def create(self, title: str, task: str, origin: Origin, *, files: str | None = None, **more: Any) -> OwnTeacher:
        """A new teacher's entry, on disk. One to be made (`finetuning`) is queued, and held by this process.

        files: the folder of its files, which moves into its own; nobody sees the teacher before that is done.
        Raises SpecError for a title that is not allowed, and OSError if the home does not take it.
        """
        title = checked_name(title, "teacher")
        teacher = OwnTeacher(
            id=f"{_slug(title)}-{secrets.token_hex(2)}",
            title=title,
            task=task,
            origin=origin,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            **more,
        )
        folder = folder_of_entry(teacher.name)
        folder.mkdir(parents=True)
        try:
            if teacher.active:
                lock = self._locks[teacher.id] = FileLock(folder / "lock", thread_local=False)
                lock.acquire(timeout=0)
            if files is not None:
                shutil.move(files, self.model_folder(teacher.id))
                share(default_home(), self.model_folder(teacher.id))
            self._write(teacher)
        except BaseException:
            self.discard(teacher.id)
            raise
        return teacher

    def create_to_make(self, title: str, config: FineTuning, owner: str | None = None) -> OwnTeacher:
        """The entry of a teacher that is to be fine-tuned here. owner: whose it is."""
        return self.create(title, config.task, "made", status="queued", finetuning=config, owner=owner)

    def hold_queued(self, teacher_id: str) -> OwnTeacher | None:
        """Hold a teacher that waits and that no process holds, and return it; None if it does not wait, or is held.

        Raises SpecError if there is no such teacher, and OSError.
        """
        lock = FileLock(folder_of_entry(f"{OWN}{teacher_id}") / "lock", thread_local=False)
        if self._required(teacher_id).status != "queued":
            return None
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        self._locks[teacher_id] = lock
        if (teacher := self._required(teacher_id)).status != "queued":
            self._release(teacher_id)
            return None
        return teacher

    def update(self, teacher_id: str, **changes: Any) -> OwnTeacher:
        """Replace fields of an entry. One that is no longer active is released; the files of a ready one are shared.

        Raises SpecError if there is no such teacher, and OSError.
        """
        teacher = replace(self._required(teacher_id), **changes)
        if changes.get("status") == "ready":
            share(default_home(), self.model_folder(teacher_id))
        try:
            self._write(teacher)
        finally:
            if not teacher.active:
                self._release(teacher_id)
        return teacher

    def rename(self, teacher_id: str, title: str) -> None:
        """Give a teacher another title; its name in specs stays. Raises SpecError and OSError."""
        self.update(teacher_id, title=checked_name(title, "teacher"))

    def discard(self, teacher_id: str) -> None:
        """Remove a teacher with its files, as far as the disk allows it; a brought folder elsewhere stays."""
        try:
            self._remove_folder(teacher_id)
        except OSError:
            shutil.rmtree(folder_of_entry(f"{OWN}{teacher_id}"), ignore_errors=True)
            remove_unused(default_home())

    def remove(self, teacher_id: str) -> None:
        """Remove a teacher with its files; a brought folder elsewhere stays.

        Raises SpecError if there is none, or if it is being made, and OSError if the disk refuses it.
        """
        entry = self.read(teacher_id)
        if entry is None:
            self._required(teacher_id)
        elif entry.active:
            raise SpecError(f"teacher {entry.name} is being made; stop that first")
        self._remove_folder(teacher_id)

    def append(self, teacher_id: str, event: Event) -> None:
        """Add an event of its fine-tuning. Raises OSError."""
        folder = folder_of_entry(f"{OWN}{teacher_id}")
        add_lines(folder / "events.jsonl", json.dumps(event_to_dict(event)) + "\n")

    def model_folder(self, teacher_id: str) -> Path:
        """The folder for its files."""
        return folder_of_entry(f"{OWN}{teacher_id}") / MODEL

    # -- reading -----------------------------------------------------------------------------------

    def read(self, teacher_id: str) -> OwnTeacher | None:
        """The teacher as it is now; None if there is none. One whose process ended before its end is interrupted.

        Raises SpecError if its entry is damaged.
        """
        entry = entry_of(f"{OWN}{teacher_id}")
        return None if entry is None else self._now(entry)

    def all(self) -> list[OwnTeacher]:
        """All of them, newest first."""
        return [self._now(entry) for entry in all_entries()]

    def events(self, teacher_id: str) -> Iterator[Event]:
        """The events of its fine-tuning so far; an incomplete last line is left out."""
        try:
            text = (folder_of_entry(f"{OWN}{teacher_id}") / "events.jsonl").read_text(encoding="utf-8")
        except OSError:
            return
        for line in text[: text.rfind("\n") + 1].splitlines():
            yield event_from_dict(parsed(line, "an event", finite=False))

    def _now(self, entry: OwnTeacher) -> OwnTeacher:
        if entry.active and entry.id not in self._locks and not self._held(entry):
            again = entry_of(entry.name)
            return replace(again, status="interrupted") if again is not None and again.active else again or entry
        return entry

    def _held(self, entry: OwnTeacher) -> bool:
        path = folder_of_entry(entry.name) / "lock"
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return path.is_file() and locked(path)
        lock.release()
        return False

    def _required(self, teacher_id: str) -> OwnTeacher:
        entry = entry_of(f"{OWN}{teacher_id}")
        if entry is None:
            raise SpecError(f"this lab has no teacher {OWN}{teacher_id}; it was removed, or is on another machine")
        return entry

    def _write(self, teacher: OwnTeacher) -> None:
        path = folder_of_entry(teacher.name) / ENTRY
        write_whole(path, json.dumps(teacher.to_dict(), indent=1, ensure_ascii=False) + "\n")

    def _remove_folder(self, teacher_id: str) -> None:
        self._release(teacher_id)
        remove_folder(folder_of_entry(f"{OWN}{teacher_id}"))
        remove_unused(default_home())

    def _release(self, teacher_id: str) -> None:
        if (lock := self._locks.pop(teacher_id, None)) is not None:
            lock.release()


def _slug(title: str) -> str:
    """The title in small letters, digits and hyphens, as a part of a name."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "teacher"
