"""The tour's journals on disk: HOME/tours/<id>.json, each written whole."""

from __future__ import annotations

import json

from labcore.config.checks import SpecError
from labcore.config.json_data import parsed
from labcore.guide.tour.journal import Journal, is_journal_id
from labcore.runs.store import Store
from labcore.system.files import write_whole


def save_journal(journal: Journal, store: Store) -> None:
    """Write a journal. Raises OSError if the disk refuses it; the file then stays as it was."""
    folder = store.home / "tours"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{journal.id}.json", json.dumps(journal.to_dict()) + "\n")


def load_journal(journal_id: str, store: Store) -> Journal | None:
    """The journal of this id; None if there is none, also if the id has another form or the file is damaged.

    Raises OSError if the journal can't be read though it may be there.
    """
    if not is_journal_id(journal_id):
        return None
    try:
        text = (store.home / "tours" / f"{journal_id}.json").read_text(encoding="utf-8")
        return Journal.from_dict(parsed(text, "the journal"))
    except (FileNotFoundError, UnicodeDecodeError, SpecError):
        return None
