"""What must hold after a fault: an error with a sentence, and nothing half-written that stays."""

from __future__ import annotations

import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.faults.state import State
from labcore.runs.leftovers import leftovers, remove
from labcore.runs.store import Store
from labcore.system.faults import fault_of, sentence


def check_tidy(home: Path) -> None:
    """Raise AssertionError unless `tidy` removes what a killed process has left half-written."""
    with pytest.MonkeyPatch.context() as patch, suppress(OSError):  # without a database nothing is tidied
        patch.setattr("labcore.runs.leftovers.YOUNG", -1.0)
        remove(leftovers(Store(home)))
        left = [path for path in home.rglob("*") if path.name.endswith(".part") or path.name.startswith(".")]
        assert not left, f"tidy leaves {left}"


def check_clear(error: Exception, home: Path) -> None:
    """Raise AssertionError unless the error has a sentence of its own."""
    fault = fault_of(error, home)
    assert fault is None or fault.foreseen, "".join(traceback.format_exception(error)[-4:])
    assert "\n" not in sentence(error, home)


def difference(now: State, expected: State) -> str:
    """What differs, in short."""
    return "; ".join(
        f"{k}: {_few(v, expected[k])} instead of {_few(expected[k], v)}" for k, v in now.items() if v != expected[k]
    )


def _few(value: object, other: object) -> str:
    """A value without what the other has as well."""
    if isinstance(value, list) and isinstance(other, list):
        value = list((Counter(value) - Counter(other)).elements())
    return f"{value!r}"
