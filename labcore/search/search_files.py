"""Searches on disk: what each looks for, and its events, a line each. A search goes on from these after a restart.

HOME/searches/<id>/search.json    what it looks for, whose it is, and when it began
HOME/searches/<id>/events.jsonl   its events; the history is made of them
HOME/searches/<id>/lock           held by the process that carries it out
"""

from __future__ import annotations

import json
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from labcore.config.checks import SpecError, shown
from labcore.config.json_data import parsed, read_json
from labcore.search.history import History, history_of
from labcore.search.search_events import SearchEvent, search_event_from_json, search_event_to_dict
from labcore.search.search_settings import SearchSettings
from labcore.system.files import add_lines, locked, remove_folder, write_whole

ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
FOLDER, SETTINGS, EVENTS, LOCK = "searches", "search.json", "events.jsonl", "lock"


@dataclass(frozen=True)
class SearchEntry:
    """A search that was begun. created: ISO 8601, UTC. owner: whose it is; None without a browser."""

    id: str
    search: SearchSettings
    created: str
    owner: str | None


class SearchFiles:
    """The searches of one home. It holds those that this process carries out."""

    def __init__(self, home: Path):
        self.folder = home / FOLDER
        self._locks: dict[str, FileLock] = {}

    # -- writing -----------------------------------------------------------------------------------

    def create(self, search: SearchSettings, owner: str | None = None) -> SearchEntry:
        """A new search, held by this process. Raises OSError if the home does not take it."""
        now = datetime.now(UTC)
        entry = SearchEntry(
            f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", search, now.isoformat(timespec="seconds"), owner
        )
        folder = self.folder / entry.id
        data = {"search": search.to_dict(), "created": entry.created, "owner": owner}
        folder.mkdir(parents=True)
        try:
            self.hold(entry.id)
            write_whole(folder / SETTINGS, json.dumps(data, indent=1) + "\n")
        except BaseException:
            self.release(entry.id)
            with suppress(OSError):  # without its settings it is no search
                remove_folder(folder)
            raise
        return entry

    def hold(self, search_id: str) -> None:
        """Hold a search while it is carried out. Raises SpecError if another process does, and OSError."""
        if search_id in self._locks:
            return
        lock = FileLock(self._folder(search_id) / LOCK, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise SpecError(f"search {search_id} is carried out by another process; stop it there first") from None
        self._locks[search_id] = lock

    def release(self, search_id: str) -> None:
        """Hold a search no longer."""
        if (lock := self._locks.pop(search_id, None)) is not None:
            lock.release()

    def append(self, search_id: str, event: SearchEvent) -> None:
        """Add an event, whole or not at all. Raises OSError."""
        path = self._folder(search_id) / EVENTS
        line = json.dumps(search_event_to_dict(event)) + "\n"
        incomplete = path.exists() and not path.read_bytes().endswith(b"\n")
        add_lines(path, ("\n" if incomplete else "") + line)  # after a line that a crash left incomplete

    def remove(self, search_id: str) -> None:
        """Remove a search; its runs stay. Raises SpecError if it is carried out, and OSError."""
        if self.carried_out(search_id):
            raise SpecError(f"search {search_id} is carried out; stop it first")
        self.release(search_id)
        remove_folder(self._folder(search_id))

    # -- reading -----------------------------------------------------------------------------------

    def read(self, search_id: str) -> SearchEntry:
        """A search. Raises SpecError if there is none, or if its file is damaged."""
        path = self._folder(search_id) / SETTINGS
        if not path.is_file():
            raise SpecError(f"this lab has no search {shown(search_id)}; it was removed, or is on another machine")
        data = read_json(path)
        if not isinstance(data, dict) or "search" not in data:
            raise SpecError(f"{path} holds no search; copy it again")
        return SearchEntry(
            search_id, SearchSettings.from_dict(data["search"]), str(data.get("created", "")), data.get("owner")
        )

    def history(self, search_id: str) -> History:
        """All that a search knows. An incomplete line is left out. Raises SpecError for a damaged one."""
        return history_of(self.events(search_id))

    def events(self, search_id: str) -> list[SearchEvent]:
        """The events so far; an incomplete line is left out."""
        try:
            text = (self._folder(search_id) / EVENTS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        lines = [line for line in text[: text.rfind("\n") + 1].splitlines() if line.endswith("}")]
        return [search_event_from_json(line) for line in lines]

    def all(self) -> list[SearchEntry]:
        """All searches that can be read, newest first."""
        entries = []
        for name in self._ids():
            try:
                entries.append(self.read(name))
            except (SpecError, OSError):  # damaged, or just removed
                continue
        return entries

    def of_owner(self, owner: str) -> list[str]:
        """The ids of an owner's searches; a damaged one is nobody's. Raises OSError if the disk refuses to read one."""
        owned = []
        for name in self._ids():
            with suppress(FileNotFoundError, SpecError, UnicodeDecodeError):
                data = parsed((self._folder(name) / SETTINGS).read_text(encoding="utf-8"), "the search")
                if isinstance(data, dict) and data.get("owner") == owner:
                    owned.append(name)
        return owned

    def carried_out(self, search_id: str) -> bool:
        """Whether a process carries a search out now."""
        path = self._folder(search_id) / LOCK
        if search_id in self._locks:
            return True
        lock = FileLock(path, thread_local=False)
        if not path.exists():
            return False
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return path.is_file() and locked(path)
        lock.release()
        return False

    def _ids(self) -> list[str]:
        """Newest first."""
        if not self.folder.is_dir():
            return []
        return sorted((path.name for path in self.folder.iterdir() if ID.fullmatch(path.name)), reverse=True)

    def _folder(self, search_id: str) -> Path:
        if not ID.fullmatch(search_id):  # a link may hold anything
            raise SpecError(f"this lab has no search {shown(search_id)}; it was removed, or is on another machine")
        return self.folder / search_id
