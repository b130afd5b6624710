"""Text that Markdown shows unchanged: a path or a link's text can contain Markdown's signs."""

from __future__ import annotations

import re

_LINKS = re.compile(r"(?i)(https?|ftp|mailto|www)(?=[:.])|(?<=\w)(?=@\w)")  # what Markdown makes a link without a sign
_BREAK = "\N{WORD JOINER}"  # has no width
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#$~|:!()])")
_PERCENT = re.compile(r"(?<=\d) %")


def escaped(text: str) -> str:
    """The text with a backslash before each sign of Markdown. An address in it is broken, so that it is no link."""
    return _SIGNS.sub(r"\\\1", _LINKS.sub(rf"\g<0>{_BREAK}", text))


def unbroken(text: str) -> str:
    """The text with a no-break space between a number and its percent sign, so that no line begins with the sign."""
    return _PERCENT.sub("\N{NO-BREAK SPACE}%", text)
