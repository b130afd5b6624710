"""Whether an error is clear: it has a sentence of its own."""

from __future__ import annotations

from labcore.system.faults import fault_of, sentence


def check_clear(error: Exception) -> None:
    """Raise the error again unless it has a sentence of its own."""
    fault = fault_of(error)
    if (fault is not None and not fault.foreseen) or "\n" in sentence(error):
        raise error
