"""A chain of teachers: the assistants that a student learns from are students that were taught before it."""

from __future__ import annotations

from labcore.record import Run
from labcore.runs.store import Store
from labcore.spec import Spec


def found(spec: Spec, store: Store) -> Run | None:
    """The newest finished run of this very spec."""
    return next((run for run in store.runs() if run.status == "finished" and run.spec == spec), None)


def to_run(spec: Spec, store: Store) -> list[Spec]:
    """What must run for the spec's student, in this order: assistants that are neither finished nor on their way, and itself."""
    if spec.assistant is None:
        return [spec]
    there = {run.spec for run in store.runs() if run.active or run.status == "finished"}
    return [*(assistant for assistant in spec.chain[:-1] if assistant not in there), spec]
