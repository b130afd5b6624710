"""The tour's journals, in the database: a person's guesses and numbers, written with each change."""

from __future__ import annotations

import json
from contextlib import suppress

from labcore.config.checks import SpecError
from labcore.config.json_data import parsed
from labcore.guide.tour.journal import Journal, is_journal_id
from labcore.owners.owner import HOST, Person, check_may_change, may_change
from labcore.runs.entry_table import Entry
from labcore.runs.store import Store


def save_journal(journal: Journal, store: Store, person: Person = HOST) -> None:
    """Write a journal; a new one is the person's.

    Raises OSError if the database refuses it; the journal then stays as it was. Raises NotYours if it is another's.
    """
    with suppress(FileNotFoundError):
        check_may_change(store.journals.read(journal.id).owner, person, "tour", "change")
    store.journals.write(journal.id, Entry(json.dumps(journal.to_dict()), person.owner))


def load_journal(journal_id: str, store: Store, person: Person = HOST) -> Journal | None:
    """The journal of this id; None if the person has none of it, also if the id has another form or it is damaged.

    Raises OSError if the journal can't be read though it may be there.
    """
    if not is_journal_id(journal_id):
        return None
    try:
        entry = store.journals.read(journal_id)
        return Journal.from_dict(parsed(entry.content, "the journal")) if may_change(entry.owner, person) else None
    except (FileNotFoundError, SpecError):
        return None
