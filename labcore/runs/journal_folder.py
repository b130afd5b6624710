"""The tour's journals on disk: HOME/tours/<id>.json, each written whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labcore.config.checks import SpecError
from labcore.config.json_data import parsed
from labcore.guide.tour.journal import Journal, is_journal_id
from labcore.owners.owner import HOST, Person, check_may_change, may_change
from labcore.runs.store import Store
from labcore.system.files import write_whole

OWNER = "owner"  # in the file, beside the journal


def save_journal(journal: Journal, store: Store, person: Person = HOST) -> None:
    """Write a journal; a new one is the person's.

    Raises OSError if the disk refuses it; the file then stays as it was. Raises NotYours if it is another's.
    """
    content = _content(journal.id, store)
    if content is not None:
        check_may_change(content.get(OWNER), person, "tour", "change")
    owner = person.owner if content is None else content.get(OWNER)
    folder = store.home / "tours"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{journal.id}.json", json.dumps(journal.to_dict() | {OWNER: owner}) + "\n")


def load_journal(journal_id: str, store: Store, person: Person = HOST) -> Journal | None:
    """The journal of this id; None if the person has none of it, also if the id has another form or it is damaged.

    Raises OSError if the journal can't be read though it may be there.
    """
    if not is_journal_id(journal_id):
        return None
    content = _content(journal_id, store)
    if content is None or not may_change(content.pop(OWNER, None), person):
        return None
    try:
        return Journal.from_dict(content)
    except SpecError:
        return None


def journals_of(owner: str, store: Store) -> list[Path]:
    """The files of an owner's journals. Raises OSError if they can't be read."""
    files = (store.home / "tours").glob("*.json")
    return [file for file in files if (_content(file.stem, store) or {}).get(OWNER) == owner]


def _content(journal_id: str, store: Store) -> dict[str, Any] | None:
    """What the file of a journal holds; None if there is none, or a damaged one. Raises OSError."""
    try:
        content = parsed((store.home / "tours" / f"{journal_id}.json").read_text(encoding="utf-8"), "the journal")
    except (FileNotFoundError, UnicodeDecodeError, SpecError):
        return None
    return content if isinstance(content, dict) else None
