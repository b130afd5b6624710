"""Long work is a generator of its progress; what it returns is its result."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

T = TypeVar("T")


def finish(work: Generator[Any, None, T]) -> T:
    """Do all of the work, and return its result without its progress."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
