"""An owner: whoever uses one browser, without a name or an account; and who may change what. Standard library only.

A run, a data set, a teacher and an attempt have the owner who made them; the others may look at them.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from labcore.config.checks import SpecError

_ID = re.compile(r"[0-9a-f]{16}")


def new_owner() -> str:
    """The id of a new owner."""
    return secrets.token_hex(8)


def is_owner(value: object) -> bool:
    """Whether this is the id of an owner, as `new_owner` makes it."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


@dataclass(frozen=True)
class Person:
    """Who acts. owner: of the browser; None if it has none. host: whether all of the home is this person's.

    Whoever uses a lab that only its own machine can reach is its host, and so is the command line.
    """

    owner: str | None = None
    host: bool = False


HOST = Person(host=True)


class NotYours(SpecError):
    """What a person wants to change belongs to somebody else."""


def may_change(owner: str | None, person: Person) -> bool:
    """Whether a person may change what this owner has; what is nobody's (None), only the host may."""
    return person.host or (owner is not None and owner == person.owner)


def check_may_change(owner: str | None, person: Person, thing: str, act: str) -> None:
    """Raise NotYours, with the `thing` and the `act` in the sentence, unless the person may change it."""
    if not may_change(owner, person):
        raise NotYours(refusal(owner, thing, act))


def refusal(owner: str | None, thing: str, act: str) -> str:
    """Why a person may not do this: as in "This run belongs to somebody else. You may look at it, but not stop it"."""
    whose = "belongs to somebody else" if owner else "belongs to the host of this lab"
    return f"This {thing} {whose}. You may look at it, but not {act} it"
