"""The hash that names a data set. Standard library only."""

from __future__ import annotations

import re

from labcore.config.checks import shown
from labcore.data.own.limits import DataError

HASH_CHARACTERS = 16
_HASH = re.compile(rf"[0-9a-f]{{{HASH_CHARACTERS}}}")


def is_data_hash(text: object) -> bool:
    """Whether data sets have hashes like this."""
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def check_hash(data_hash: str) -> None:
    """Raise DataError unless it is a hash, before it becomes part of a path."""
    if not is_data_hash(data_hash):
        raise DataError(
            f"the hash of a data set is {shown(data_hash)}; give its {HASH_CHARACTERS} characters from 0-9 and a-f"
        )
