"""What `make test` runs of a long list of cases; `make test-all` runs them all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def first(quick: int, cases: Iterable[Any]) -> list[Any]:
    """The cases, all but the first `quick` marked `full`."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=() if i < quick else pytest.mark.full)
        for i, case in enumerate(cases)
    ]
