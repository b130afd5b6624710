"""What people change of a run: its name, note and tags, whose it is, and whether it is deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from labcore.config.spec import SpecError
from labcore.results.run import checked_name
from labcore.results.run_notes import checked_note, checked_tags
from labcore.runs.run_files import RunNotFound
from labcore.runs.run_rows import notes_columns
from labcore.runs.stored_runs import StoredRuns, as_stored


class RunChanges(StoredRuns):
    """The part of the store that a training never touches."""

    def rename(self, run_id: str, name: str | None) -> None:
        """Give a run a name; None takes the given name away.

        Raises SpecError if the name is not allowed, RunNotFound if there is no such run, and OSError if the disk
        refuses it.
        """
        name = None if name is None else checked_name(name)
        self.read(run_id)
        self._table.change(run_id, name=name)
        self._change_in_memory(run_id, name=name)

    def annotate(self, run_id: str, *, note: str, tags: Iterable[str]) -> None:
        """Replace a run's note and its tags.

        Raises SpecError if one of them is not allowed, RunNotFound if there is no such run, and OSError if the disk
        refuses it.
        """
        note, tags = checked_note(note), checked_tags(tags)
        self.read(run_id)
        self._table.change(run_id, **notes_columns(note, tags))
        self._change_in_memory(run_id, note=note, tags=tags)

    def give(self, run_id: str, owner: str | None) -> None:
        """Make a run another owner's. Raises RunNotFound if there is no such run, and OSError."""
        self.read(run_id)
        self._table.change(run_id, owner=owner)
        self._change_in_memory(run_id, owner=owner)

    def delete(self, run_id: str) -> None:
        """Take a run out of every list, until `restore`. Its files stay for a day or more: see labcore.runs.leftovers.

        Raises SpecError if it waits or trains, RunNotFound if there is no such run, and OSError if the disk refuses it.
        """
        if self.read(run_id).active:
            raise SpecError(f"run {run_id} is under way; stop it first")
        self._table.change(run_id, deleted=as_stored(datetime.now(UTC)))
        self._forget(run_id)

    def restore(self, run_id: str) -> None:
        """Bring a deleted run back. Raises RunNotFound if no deleted run has this id, and OSError."""
        self._folder(run_id)
        try:
            self._table.restore(run_id)
        except FileNotFoundError:
            raise RunNotFound(f"run {run_id!r} can't be restored: no deleted run has this id") from None

    def owner_of(self, run_id: str) -> str | None:
        """Whose run it is, also if it was deleted; None if nobody's. Raises RunNotFound, and OSError."""
        self._folder(run_id)
        if (held := self._held.get(run_id)) is not None:  # also while the home is out of reach
            return held.owner
        try:
            return self._table.owner_of(run_id)
        except FileNotFoundError:
            raise RunNotFound(f"run {run_id!r} is not in the lab's database under {self.home}") from None

    def ids_of(self, owner: str) -> list[str]:
        """The ids of an owner's runs, also of deleted ones. Raises OSError."""
        return self._table.ids_of(owner)

    def _forget(self, run_id: str) -> None:
        """Let go what waits of a run that was deleted."""
        self._unwritten.pop(run_id, None)
        self._events.pop(run_id, None)

    def _change_in_memory(self, run_id: str, **fields: Any) -> None:
        """Set fields of the states of a run that this process has in memory."""
        for states in (self._held, self._unwritten):
            if run_id in states:
                states[run_id] = replace(states[run_id], **fields)
