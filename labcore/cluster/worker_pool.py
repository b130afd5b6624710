"""The workers of a cluster: actors that train one run at a time, and that stay for the next.

A worker that is idle keeps its cores, and its teacher and data in memory. Who waits for one takes the first that is
idle or that Ray has room for. So a run whose node died is not kept waiting while another worker has nothing to do.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from labcore.cluster.parcel import SharedFiles
from labcore.cluster.ray_address import check_reachable, connected, cpus_of_a_run
from labcore.cluster.worker_version import mismatch, worker_version
from labcore.config.checks import SpecError
from labcore.results.events import Preparing
from labcore.system import processor

BEAT = 0.2  # seconds between two moments at which a waiting job can be stopped
ASKS_AGAIN_AFTER = 60.0  # seconds after which a worker that has not started is asked for again, and the head is tried
CLOSES_WITHIN = 3.0
Beats = Generator[Preparing, None, Any]


class WorkerLost(Exception):
    """A worker died, or its node, or the way to it."""


@dataclass(eq=False)
class Worker:
    """An actor of `RemoteTraining`, on this host, in the process with this id."""

    actor: Any
    host: str = ""
    process: int = 0


class WorkerPool:
    """The workers at one address. Nothing is connected before `slots` or `acquired`."""

    def __init__(self, address: str, *, beats: bool = True):
        """beats: whether who waits gets an event now and then, see `acquired`."""
        self.address, self._beats = address, beats
        self._ray: Any = None
        self._files: SharedFiles | None = None
        self._idle: deque[Worker] = deque()
        self.busy: list[Worker] = []

    def connect(self) -> Any:
        """The module `ray`, connected. Raises SpecError, within some seconds, if that is not possible."""
        if self._ray is None:
            self._ray = connected(self.address)
            self._files = SharedFiles(self._ray)
        return self._ray

    @property
    def files(self) -> SharedFiles:
        """The files in the cluster's object store. Raises SpecError if the cluster can't be reached."""
        self.connect()
        assert self._files is not None
        return self._files

    def slots(self) -> int:
        """How many runs the cluster can train at once: by the cores of each node, at least 1. Raises SpecError."""
        cpus = cpus_of_a_run()
        nodes = [node["Resources"] for node in self.connect().nodes() if node["Alive"]]
        return max(1, sum(int(node.get("CPU", 0) // cpus) for node in nodes))

    def acquired(self) -> Beats:
        """A worker that trains nothing. While none is free it yields, so that it can be closed.

        Raises SpecError if the cluster can't be reached, or if the worker has other versions than the lab.
        """
        ray, began = self.connect(), time.perf_counter()
        asked, worker, ready = 0.0, Worker(None), None
        try:
            while True:
                if self._idle:
                    return self._taken(self._idle.popleft())
                if ready is None:
                    worker, ready, asked = *self._asked_for(), time.perf_counter()
                if ray.wait([ready], timeout=BEAT)[0]:
                    self._check(worker, self.result(ready))
                    started, worker = worker, Worker(None)
                    return self._taken(started)
                if time.perf_counter() - asked > ASKS_AGAIN_AFTER:
                    check_reachable(self.address)
                    self.discard(worker)
                    ready = None
                yield from self.beat(began)
        finally:
            self.discard(worker)

    def beat(self, began: float) -> Generator[Preparing, None, None]:
        """An event that nobody stores, of a job that waits since `began`; none if nobody wants them."""
        if self._beats:
            yield Preparing(0, 1, time.perf_counter() - began)

    def release(self, worker: Worker) -> None:
        """The worker has nothing to train any more. One that was discarded is left alone."""
        if worker in self.busy:
            self.busy.remove(worker)
            self._idle.append(worker)

    def discard(self, worker: Worker) -> None:
        """End a worker, whatever it does."""
        if worker in self.busy:
            self.busy.remove(worker)
        if worker.actor is not None:
            with suppress(Exception):  # it is dead already
                self._ray.kill(worker.actor)

    def close(self) -> None:
        """End the idle workers, and let them remove their folders."""
        while self._idle:
            worker = self._idle.popleft()
            with suppress(Exception):
                self._ray.get(worker.actor.close.remote(), timeout=CLOSES_WITHIN)
            self.discard(worker)

    def result(self, reference: Any) -> Any:
        """What a call of a worker returned. Raises WorkerLost if it died, else what the call raised."""
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError as error:
            raise WorkerLost(f"{error}".strip().split("\n")[0]) from error

    def ready(self, reference: Any) -> bool:
        """Whether a call has returned; waits for it for a moment."""
        return bool(self._ray.wait([reference], timeout=BEAT)[0])

    def _asked_for(self) -> tuple[Worker, Any]:
        """A new worker and the reference to its version, which is there once it has started."""
        from labcore.cluster.remote_training import RemoteTraining  # a page that imports this needs no torch
        from labcore.runs.checkpoint_saver import VARIABLE

        shared = (processor.VARIABLE, VARIABLE)
        settings = {name: os.environ[name] for name in shared if name in os.environ}
        accelerators = self._ray.available_resources().get("GPU", 0) if processor.may_use_accelerator() else 0
        remote = self._ray.remote(num_cpus=cpus_of_a_run(), num_gpus=1 if accelerators >= 1 else 0)(RemoteTraining)
        actor = remote.remote(settings)
        return Worker(actor), actor.version.remote()

    def _taken(self, worker: Worker) -> Worker:
        self.busy.append(worker)
        return worker

    def _check(self, worker: Worker, versions: tuple[str, str, int]) -> None:
        version, worker.host, worker.process = versions
        if version != worker_version():
            raise SpecError(mismatch(worker.host))
