"""What `make test` runs of a long list of cases; `make test-all` runs them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def first(quick: int, cases: Iterable[Any]) -> list[Any]:
    """The cases, all but the first `quick` marked `full`."""
    return [case if i < quick else _full(case) for i, case in enumerate(cases)]


def _full(case: Any) -> Any:
    values: Sequence[Any] = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.full)
