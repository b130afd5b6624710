"""Attempts on disk: HOME/exercises/<id>.json, each written whole, so that a closed tab loses nothing."""

from __future__ import annotations

import json
from dataclasses import replace

from labcore.config.json_data import parsed
from labcore.config.spec import Spec, SpecError
from labcore.exercise.attempt import Attempt
from labcore.exercise.signature import attempt_fields, key_of_home, mark_of, sign
from labcore.runs.store import Store


def save_attempt(attempt: Attempt, store: Store) -> None:
    """Write the attempt, signed with the home's key.

    Raises OSError if the disk refuses it; the file then stays as it was. Raises SpecError if the key is damaged.
    """
    signature = sign(mark_of(attempt.id), attempt_fields(attempt.to_dict()), key_of_home(store.home))
    signed = replace(attempt, signature=signature)
    store.attempts.write(attempt.id, json.dumps(signed.to_dict(), indent=1) + "\n")


def load_attempt(attempt_id: str, store: Store) -> Attempt | None:
    """The attempt of this id; None if there is none, also if the id has another form (a link may hold anything).

    Raises OSError if the attempt can't be read though it may be there.
    """
    try:
        Attempt(attempt_id)  # an id that could name another file is refused here
        return Attempt.from_dict(parsed(store.attempts.read(attempt_id), "the attempt"))
    except (SpecError, FileNotFoundError, UnicodeDecodeError):
        return None


def specs_of_others(attempt: Attempt, store: Store) -> set[Spec]:
    """The runs that other attempts on this server have requested: a class that uses ready students shares them."""
    others = [_load_if_readable(other, store) for other in store.attempts.ids() if other != attempt.id]
    return {spec for other in others if other is not None and other.begun is not None for spec in other.specs}


def _load_if_readable(attempt_id: str, store: Store) -> Attempt | None:
    """`load_attempt`, or None if the disk can't read that attempt, which is another person's."""
    try:
        return load_attempt(attempt_id, store)
    except OSError:
        return None
