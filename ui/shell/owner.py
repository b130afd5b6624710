"""Whose browser this session is."""

from __future__ import annotations


def owner() -> str | None:
    """The owner of this browser; None if it has no cookie."""
    return None
