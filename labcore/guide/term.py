"""One entry of the glossary. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Idea = Literal["teacher", "student", "hard", "soft", "hidden"]


@dataclass(frozen=True)
class Term:
    """A term: its name, the page that uses it first, its definition, the idea whose colour it has, and its source."""

    name: str
    page: str
    definition: str
    idea: Idea | None = None
    source: str | None = None
