"""An owner: whoever uses one browser, without a name or an account. Standard library only.

A run, a data set, a teacher and an attempt have the owner who made them; the others may look at them.
"""

from __future__ import annotations

import re
import secrets

_ID = re.compile(r"[0-9a-f]{16}")


def new_owner() -> str:
    """The id of a new owner."""
    return secrets.token_hex(8)


def is_owner(value: object) -> bool:
    """Whether this is the id of an owner, as `new_owner` makes it."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
