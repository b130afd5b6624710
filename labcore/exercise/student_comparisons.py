"""The attempt's students beside their teacher, counted before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from labcore.config.spec import SpecError
from labcore.exercise.attempt import Attempt
from labcore.results.counts import Comparison

MAX_GROWTH = 2.0  # of the teacher's parameters, at each step: what is larger is not built
SlotComparison = Comparison | str | None
"""A slot's student beside the teacher; why its steps fail, in words; or None if the slot is empty."""


def compare_students(attempt: Attempt) -> tuple[SlotComparison, ...]:
    """Each slot's student beside the teacher."""
    return tuple(None if slot.steps is None else _compare(attempt, i) for i, slot in enumerate(attempt.slots))


def _compare(attempt: Attempt, slot: int) -> Comparison | str:
    """Count step by step, so that a student far larger than its teacher is refused and never built."""
    from labcore.runs.cache import counted  # imports torch: seconds that a page's import must not take

    spec = attempt.spec(slot)
    comparison: Comparison | None = None
    for done in range(len(spec.steps) + 1):
        try:
            comparison = counted(replace(spec, steps=spec.steps[:done]))
        except SpecError as error:
            return str(error)
        if comparison.ratio > MAX_GROWTH:
            return f"after step {done} it is {comparison.ratio:,.0f} times as large as its teacher; make it smaller"
    assert comparison is not None
    return comparison


def counted_students(comparisons: Sequence[SlotComparison]) -> list[Comparison]:
    """The comparisons of the slots that have a student, in their order."""
    return [one for one in comparisons if isinstance(one, Comparison)]
