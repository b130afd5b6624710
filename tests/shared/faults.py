"""Errors as the system raises them, and functions that raise them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def system(code: int, path: str | None = None) -> OSError:
    return OSError(code, os.strerror(code), path)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def breaking(make: Callable[[], Exception]) -> Callable[..., Any]:
    def broken(*_: object, **__: object) -> Any:
        raise make()

    return broken
