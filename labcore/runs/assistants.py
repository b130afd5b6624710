"""The chain of a student's teachers: each assistant is a student that was distilled before it."""

from __future__ import annotations

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_unchanged
from labcore.runs.store import Store


def chain_to_run(spec: Spec, store: Store) -> list[Spec]:
    """The specs that must run for the spec's student, in this order, itself last.

    Its assistants are among them unless they have finished, or are running or queued.
    """
    if spec.assistant is None:
        return [spec]
    runs = (run for run in store.runs() if run.active or run.status == "finished")
    present = {run.spec for run in runs if teacher_unchanged(run)}
    return [*(assistant for assistant in spec.chain[:-1] if assistant not in present), spec]
