"""Text as it is, where Markdown is read: a path or a link's words may hold its signs."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#$~|:!()])")


def escaped(text: str) -> str:
    """The text with a backslash before each sign of Markdown."""
    return _SIGNS.sub(r"\\\1", text)
