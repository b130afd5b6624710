"""A sweep on a cluster: all its runs are queued at once, and as many are trained at a time as the cluster has slots."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from labcore.cluster.cluster_choice import ClusterRuns
from labcore.config.checks import SpecError
from labcore.config.spec import Spec
from labcore.evaluate.seed_groups import with_seed
from labcore.results.events import Finished
from labcore.results.run import FinishedRun
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.runs.sweep import check_all

EACH = 0.2  # seconds between two glances at the store


def sweep_on_cluster(
    specs: Sequence[Spec], seeds: int, store: Store, cluster: ClusterRuns, *, keep: bool = False
) -> Iterator[Finished]:
    """Run every spec with seeds 0 up to `seeds`; what the store has finished already is not run again.

    keep: whether its workers stay for another sweep.

    Yields results as they come. If it is closed, what runs keeps a checkpoint. Raises SpecError before the first run
    if the cluster can't be reached or a spec can't be carried out. Raises it at the end, with the first reason, if runs
    failed.
    """
    cluster.slots()  # raises before anything is queued
    check_all(specs)
    jobs = Jobs(store, cluster, slots=cluster.slots, takes_over=False)
    failed: list[str] = []
    try:
        waited_for = [
            jobs.submit(wanted)
            for seed in range(seeds)
            for spec in specs
            for wanted in with_seed(spec, seed).chain
            if store.find(wanted) is None
        ]
        left = list(dict.fromkeys(waited_for))
        while left:
            for run in [store.read(each) for each in left]:
                if run.active or jobs.place(run.id) is not None:
                    continue
                left.remove(run.id)
                if isinstance(run, FinishedRun):
                    yield run.result
                else:
                    failed.append(f"run {run.id} {run.status}: {run.error or 'no reason is known'}")
            time.sleep(EACH)
    finally:
        jobs.close()
        if not keep:
            cluster.pool.close()
    if failed:
        raise SpecError(f"{len(failed)} of {len(set(waited_for))} runs did not finish; {failed[0]}")
