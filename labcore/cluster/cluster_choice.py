"""Where runs are trained: on this machine, or on the cluster that LAB_RAY_ADDRESS names."""

from __future__ import annotations

import time
from collections.abc import Iterator

from labcore.cluster.ray_address import check_reachable, cluster_address, cpus_of_a_run
from labcore.cluster.worker_pool import WorkerPool
from labcore.config.checks import SpecError
from labcore.config.spec import Spec
from labcore.results.events import Event
from labcore.runs.job_kinds import execute_spec
from labcore.runs.jobs import Execute
from labcore.runs.store import Store

TRIED_AGAIN_AFTER = 15.0  # seconds


class ClusterRuns:
    """Runs on a cluster, for the queue. Nothing is connected before `slots` or a run."""

    def __init__(self, *, beats: bool = True):
        """beats: see WorkerPool. Raises SpecError if the settings are not allowed."""
        self.address = cluster_address() or ""
        cpus_of_a_run()
        self.pool = WorkerPool(self.address, beats=beats)
        self._execute: Execute | None = None
        self._away, self._tried = "", -TRIED_AGAIN_AFTER  # why the cluster can't be reached, and when that was tried

    def slots(self) -> int:
        """How many runs it trains at once. Raises SpecError if it can't be reached."""
        return self.pool.slots()

    def __call__(self, spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        """Execute a run: see labcore.cluster.cluster_execute."""
        if self._execute is None:
            from labcore.cluster.cluster_execute import ClusterExecute  # imports torch

            self._execute = ClusterExecute(self.pool)
        return self._execute(spec, run_id, store)

    def words(self, slots: int) -> str:
        """Where runs are trained, as a sentence; why not, if the cluster can't be reached. slots: of the queue.

        A page asks each few seconds, and a try may take some, so what was tried a moment ago still counts.
        """
        if (now := time.monotonic()) - self._tried >= TRIED_AGAIN_AFTER:
            self._away, self._tried = _why_away(self.address), now
        if self._away:
            return f"New runs fail until the cluster is back: {self._away}."
        cores = cpus_of_a_run()
        return (
            f"Runs are trained on the cluster at {self.address}: {slots} at once, with {cores} "
            f"{'core' if cores == 1 else 'cores'} each."
        )


def _why_away(address: str) -> str:
    """Why a cluster can't be reached; empty if it can."""
    try:
        check_reachable(address)
    except SpecError as error:
        return f"{error}"
    return ""


def cluster_runs(*, beats: bool = True) -> ClusterRuns | None:
    """The cluster that LAB_RAY_ADDRESS names; None without one. Raises SpecError if the settings are not allowed."""
    return None if cluster_address() is None else ClusterRuns(beats=beats)


def execution() -> Execute:
    """What carries out one run after another, for a command. Raises SpecError if the cluster can't be reached."""
    if (cluster := cluster_runs(beats=False)) is None:
        return execute_spec
    cluster.slots()  # raises before a run is made
    return cluster
