"""The attempts and journals of an earlier version of the lab, a file each; the database takes them in once.

    HOME/exercises/<id>.json     an attempt at the exercise
    HOME/tours/<id>.json         a journal of the tour

These files are only read, but for what the host removes of an owner.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Table, insert

from labcore.config.checks import SpecError
from labcore.config.json_data import parsed
from labcore.database.schema import ATTEMPTS, JOURNALS
from labcore.owners.owner import is_owner

FOLDERS = {ATTEMPTS.name: "exercises", JOURNALS.name: "tours"}
OWNER = "owner"  # in a file, beside what its owner wrote
_ID = re.compile(r"[0-9a-f]{16}")


def is_entry_id(text: object) -> bool:
    """Whether attempts and journals have ids like this."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def old_entry_file(home: Path, table: Table, entry_id: str) -> Path:
    """Where an earlier version kept an entry."""
    return home / FOLDERS[table.name] / f"{entry_id}.json"


def has_old_entries(home: Path) -> bool:
    """Whether a home holds an attempt or a journal of an earlier version."""
    return any(next(_files(home / folder), None) for folder in FOLDERS.values())


def take_in_old_entries(home: Path, connection: Connection) -> None:
    """Put every attempt and journal that can be read into the tables."""
    for table in (ATTEMPTS, JOURNALS):
        rows = [row for file in _files(home / FOLDERS[table.name]) if (row := _row_of(file)) is not None]
        if rows:
            connection.execute(insert(table), rows)


def _row_of(file: Path) -> dict[str, str | None] | None:
    """The row of an entry in a file; None if the file is damaged."""
    try:
        content = parsed(file.read_text(encoding="utf-8"), "it")
    except (OSError, UnicodeDecodeError, SpecError):
        return None
    if not isinstance(content, dict):
        return None
    owner, signature = content.pop(OWNER, None), content.get("signature")
    saved = signature.get("saved") if isinstance(signature, dict) else ""
    return {
        "id": file.stem,
        "owner": owner if is_owner(owner) else None,
        "content": json.dumps(content),
        "changed": saved if isinstance(saved, str) else "",
    }


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(file for file in folder.glob("*.json") if is_entry_id(file.stem))
    except OSError:  # not a folder, or not to be read
        return
