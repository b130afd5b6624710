"""A chain of teachers: the assistants that a student learns from are students that were taught before it."""

from __future__ import annotations

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_unchanged
from labcore.results.run import FinishedRun, finished_runs
from labcore.runs.store import Store


def finished_run(spec: Spec, store: Store) -> FinishedRun | None:
    """The newest finished run of this very spec, whose teacher is the one that its name leads to now."""
    finished = (run for run in finished_runs(store.runs()) if run.spec == spec)
    return next((run for run in finished if teacher_unchanged(run)), None)


def to_run(spec: Spec, store: Store) -> list[Spec]:
    """What must run for the spec's student, in this order: assistants that are neither finished nor on their way, and itself."""
    if spec.assistant is None:
        return [spec]
    there = {run.spec for run in store.runs() if (run.active or run.status == "finished") and teacher_unchanged(run)}
    return [*(assistant for assistant in spec.chain[:-1] if assistant not in there), spec]
