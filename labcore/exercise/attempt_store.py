"""Attempts in the database, each written whole, so that a closed tab loses nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

from labcore.config.json_data import parsed
from labcore.config.spec import Spec, SpecError
from labcore.exercise.attempt import Attempt
from labcore.exercise.signature import attempt_fields, key_of_home, mark_of, sign
from labcore.owners.owner import HOST, Person, check_may_change
from labcore.runs.entry_table import Entry
from labcore.runs.store import Store


def save_attempt(attempt: Attempt, store: Store, person: Person = HOST) -> None:
    """Write the attempt over what is there, signed with the home's key; a new one is the person's.

    Raises OSError if the database refuses it; the attempt then stays as it was. Raises SpecError if the key is damaged,
    and NotYours if the attempt is another's.
    """
    with suppress(FileNotFoundError):
        check_may_change(owner_of_attempt(attempt.id, store), person, "exercise", "change")
    store.attempts.write(attempt.id, _entry_of(attempt, store, person))


def save_if_unchanged(attempt: Attempt, store: Store, person: Person = HOST) -> bool:
    """Write the attempt, unless it was changed or removed since the state that it was made of was loaded.

    Returns whether it was written: if not, load it and change it again. Raises as `save_attempt`.
    """
    with suppress(FileNotFoundError):
        check_may_change(owner_of_attempt(attempt.id, store), person, "exercise", "change")
    over = "" if attempt.signature is None else attempt.signature.saved
    return store.attempts.write(attempt.id, _entry_of(attempt, store, person), over=over)


def owner_of_attempt(attempt_id: str, store: Store) -> str | None:
    """Whose attempt it is; None if nobody's. Raises FileNotFoundError, and OSError."""
    return store.attempts.read(attempt_id).owner


def load_attempt(attempt_id: str, store: Store) -> Attempt | None:
    """The attempt of this id; None if there is none, also if the id has another form (a link may hold anything).

    Raises OSError if the attempt can't be read though it may be there.
    """
    try:
        return _attempt_in(store.attempts.read(attempt_id))
    except FileNotFoundError:
        return None


def specs_of_others(attempt: Attempt, store: Store) -> set[Spec]:
    """The runs that other attempts on this server have requested: a class that uses ready students shares them."""
    others = [_attempt_in(entry) for other, entry in store.attempts.all().items() if other != attempt.id]
    return {spec for other in others if other is not None and other.begun is not None for spec in other.specs}


def _attempt_in(entry: Entry) -> Attempt | None:
    """The attempt in an entry; None if it is damaged."""
    try:
        return Attempt.from_dict(parsed(entry.content, "the attempt"))
    except SpecError:
        return None


def _entry_of(attempt: Attempt, store: Store, person: Person) -> Entry:
    """The attempt, signed now. Raises OSError, and SpecError if the key is damaged."""
    signature = sign(mark_of(attempt.id), attempt_fields(attempt.to_dict()), key_of_home(store.home))
    signed = replace(attempt, signature=signature)
    return Entry(json.dumps(signed.to_dict()), person.owner, signature.saved)
