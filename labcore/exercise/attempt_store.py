"""Attempts on disk: HOME/exercises/<id>.json, each written whole, so that a closed tab loses nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from labcore.config.json_data import parsed
from labcore.config.spec import Spec, SpecError
from labcore.exercise.attempt import Attempt
from labcore.exercise.signature import attempt_fields, key_of_home, mark_of, sign
from labcore.owners.owner import HOST, Person, check_may_change, is_owner
from labcore.runs.store import Store

OWNER = "owner"  # in the file, beside the attempt; no part of it, so no submission has it


def save_attempt(attempt: Attempt, store: Store, person: Person = HOST) -> None:
    """Write the attempt, signed with the home's key; a new one is the person's.

    Raises OSError if the disk refuses it; the file then stays as it was. Raises SpecError if the key is damaged, and
    NotYours if the attempt is another's.
    """
    try:
        owner = owner_of_attempt(attempt.id, store)
    except FileNotFoundError:
        owner = person.owner
    else:
        check_may_change(owner, person, "exercise", "change")
    signature = sign(mark_of(attempt.id), attempt_fields(attempt.to_dict()), key_of_home(store.home))
    signed = replace(attempt, signature=signature)
    store.attempts.write(attempt.id, json.dumps(signed.to_dict() | {OWNER: owner}, indent=1) + "\n")


def owner_of_attempt(attempt_id: str, store: Store) -> str | None:
    """Whose attempt it is; None if nobody's, or if its file is damaged. Raises FileNotFoundError, and OSError."""
    try:
        owner = _content(attempt_id, store).get(OWNER)
    except (SpecError, UnicodeDecodeError):
        return None
    return owner if is_owner(owner) else None


def load_attempt(attempt_id: str, store: Store) -> Attempt | None:
    """The attempt of this id; None if there is none, also if the id has another form (a link may hold anything).

    Raises OSError if the attempt can't be read though it may be there.
    """
    try:
        Attempt(attempt_id)  # an id that could name another file is refused here
        content = _content(attempt_id, store)
        content.pop(OWNER, None)
        return Attempt.from_dict(content)
    except (SpecError, FileNotFoundError, UnicodeDecodeError):
        return None


def _content(attempt_id: str, store: Store) -> dict[str, Any]:
    content = parsed(store.attempts.read(attempt_id), "the attempt")
    if not isinstance(content, dict):
        raise SpecError("the attempt is no object")
    return content


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
