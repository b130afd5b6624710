"""Text that Markdown shows unchanged: a path or a link's text can contain Markdown's signs."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#$~|:!()])")


def escaped(text: str) -> str:
    """The text with a backslash before each sign of Markdown."""
    return _SIGNS.sub(r"\\\1", text)
