"""Equal runs share one: who asks for a run that waits or runs already waits for that one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_unchanged
from labcore.runs.assistants import chain_to_run
from labcore.runs.fair_order import Owner
from labcore.runs.job_queue import Job
from labcore.runs.store import RunNotFound, Store


def equal_run(spec: Spec, jobs: Sequence[Job], stopping: Collection[str], store: Store) -> str | None:
    """The run in the queue that trains this spec with its present teacher; None if there is none, or if it stops."""
    for job, work in jobs:
        if work != spec or job in stopping:
            continue
        try:
            run = store.read(job)
        except RunNotFound:
            continue
        if run.active and teacher_unchanged(run):
            return job
    return None


def turn_of(spec: Spec, owner: Owner, jobs: Sequence[Job], stopping: Collection[str], store: Store) -> list[Job]:
    """The jobs of a spec's turn: the assistants that it waits for, which may be in the queue, and a run of its own.

    If an equal run is in the queue, it takes the place of the own one. Raises OSError, and creates nothing then.
    """
    shared = {each: job for each in spec.chain if (job := equal_run(each, jobs, stopping, store)) is not None}
    if spec in shared:
        return [(shared[spec], spec)]
    new = [each for each in chain_to_run(spec, store) if each not in shared]
    made = dict(zip(new, store.create_all(new, owner), strict=True))
    return [(made.get(each) or shared[each], each) for each in spec.chain if each in made or each in shared]
