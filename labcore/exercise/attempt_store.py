"""Attempts on disk: HOME/exercises/<id>.json, each written whole, so that a closed tab loses nothing."""

from __future__ import annotations

import json
from pathlib import Path

from labcore.config.spec import Spec, SpecError
from labcore.exercise.attempt import Attempt
from labcore.runs.store import Store
from labcore.system.files import write_whole
from labcore.system.json_data import parsed


def keep(attempt: Attempt, store: Store) -> None:
    """Write the attempt; it is found again by its id. Raises OSError, and the attempt is as it was then."""
    path = _path(attempt.id, store)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(attempt.to_dict(), indent=1) + "\n")


def kept(attempt_id: str, store: Store) -> Attempt | None:
    """The attempt of this id; None if there is none, also for an id that is no attempt's (a link may hold anything).

    Raises OSError if the attempt can't be read though it may be there.
    """
    try:
        Attempt(attempt_id)  # an id that could name another file is refused here
        return Attempt.from_dict(parsed(_path(attempt_id, store).read_text(encoding="utf-8"), "the attempt"))
    except (SpecError, FileNotFoundError, UnicodeDecodeError):
        return None


def wanted_by_others(attempt: Attempt, store: Store) -> set[Spec]:
    """The experiments that other attempts on this server have asked to be run: a class that takes ready students shares them."""
    folder = store.home / "exercises"
    others = [_readable(file.stem, store) for file in folder.glob("*.json") if file.stem != attempt.id]
    return {spec for other in others if other is not None and other.begun is not None for spec in other.specs}


def _readable(attempt_id: str, store: Store) -> Attempt | None:
    """`kept`, or None if the disk can't read that attempt: it is another's, and this one goes on without."""
    try:
        return kept(attempt_id, store)
    except OSError:
        return None


def _path(attempt_id: str, store: Store) -> Path:
    return store.home / "exercises" / f"{attempt_id}.json"
