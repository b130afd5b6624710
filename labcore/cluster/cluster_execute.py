"""A run on the cluster, as the generator that a run on this machine is: its events, stored as they are yielded.

So queue, pages, curves, stop and resume need no other path. The run, its events and its checkpoint are the lab's; a
worker has copies. If it dies, another one goes on from the newest checkpoint that came back.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any

from labcore.cluster.parcel import TARGETS, Parcel, WorkerReply, data_of, files_of, targets_folder
from labcore.cluster.worker_pool import BEAT, Worker, WorkerLost, WorkerPool
from labcore.config.loss_terms import Need
from labcore.config.spec import Spec, SpecError
from labcore.distil.checkpoint_header import about_checkpoint
from labcore.results.events import Event, Preparing, Resumed
from labcore.results.run import FinishedRun
from labcore.runs.execute import noting_status
from labcore.runs.store import Store
from labcore.system.files import write_whole

MOST_LOSSES = 3  # workers that a run may lose without a new checkpoint in between
STOPS_WITHIN = 20.0  # seconds for a worker's last checkpoint
Events = Generator[Event, None, None]


class ClusterExecute:
    """Carries out runs on the workers of a pool."""

    def __init__(self, pool: WorkerPool):
        self.pool = pool
        self._names: dict[str, set[str]] = {}  # of the targets in the store, by their folder at the workers
        self._computing: dict[object, str] = {}  # which run computes which targets

    def __call__(self, spec: Spec, run_id: str, store: Store) -> Events:
        """Execute a queued run and store its events, as `labcore.runs.execute.execute_and_store` does.

        While nothing is new it yields a `Preparing` that is not stored, so that a waiting run can be stopped.
        """
        return noting_status(self._to_the_end(spec, run_id, store), run_id, store)

    def _to_the_end(self, spec: Spec, run_id: str, store: Store) -> Events:
        losses, saved = 0, _events_saved(run_id, store)
        while True:
            worker: Worker = yield from self.pool.acquired()
            try:
                yield from self._on_worker(spec, run_id, store, worker)
            except WorkerLost as error:
                self.pool.discard(worker)
                now = _events_saved(run_id, store)
                losses, saved = (losses + 1 if now == saved else 1), now
                if losses >= MOST_LOSSES:
                    raise SpecError(
                        f"{losses} workers of the cluster were lost in this run without a new checkpoint, the last on "
                        f"{worker.host} ({error}); check the memory of the machines, then resume the run"
                    ) from error
            else:
                return
            finally:
                self.pool.release(worker)

    def _on_worker(self, spec: Spec, run_id: str, store: Store, worker: Worker) -> Events:
        """The run on this worker, from its checkpoint on. Raises WorkerLost."""
        folder = targets_folder(spec)
        key = (folder, spec.distil.transfer, Need.STATES in spec.distil.needs, spec.assistant)
        try:
            yield from self._turn_to_compute(key, run_id)
            parcel = self._parcel(spec, run_id, store, folder)
            pending = worker.actor.begin.remote(parcel)
            yield from self._waited_for(pending)
            self.pool.result(pending)
            kept = _events_saved(run_id, store)
            pending = worker.actor.advance.remote()
            try:
                while True:
                    yield from self._waited_for(pending)
                    progress: WorkerReply = self.pool.result(pending)
                    if not progress.over:
                        pending = worker.actor.advance.remote()  # it trains on while its events are stored
                    self._take(progress, run_id, store, folder, kept)
                    if progress.targets is not None and self._computing.get(key) == run_id:
                        self._computing[key] = ""  # they are there
                    yield from progress.events
                    if progress.error is not None:
                        raise progress.error
                    if progress.over:
                        return
            except BaseException as error:
                if not isinstance(error, Exception):  # a stop, or the end of the process
                    self._stop(worker, pending, run_id, store, folder, kept)
                raise
        finally:
            if self._computing.get(key) == run_id:
                del self._computing[key]

    def _turn_to_compute(self, key: object, run_id: str) -> Generator[Preparing, None, None]:
        """Return once the targets of this key are there, or once it is this run that computes them."""
        began = time.perf_counter()
        while self._computing.setdefault(key, run_id) not in ("", run_id):
            time.sleep(BEAT)
            yield from self.pool.beat(began)

    def _waited_for(self, reference: Any) -> Generator[Preparing, None, None]:
        began = time.perf_counter()
        while not self.pool.ready(reference):
            yield from self.pool.beat(began)

    def _parcel(self, spec: Spec, run_id: str, store: Store, folder: str) -> Parcel:
        """All that a worker needs now. Raises SpecError, and OSError."""
        share, checkpoint = self.pool.files.share, store.checkpoint(run_id)
        files = {name: share(content) for name, content in files_of(spec, store)}
        for name in self._names.setdefault(folder, set()):
            if (path := store.targets / name).is_file():
                files[f"{TARGETS}/{folder}/{name}"] = share(path)
        assistant: FinishedRun | None = None if spec.assistant is None else store.find(spec.assistant)
        return Parcel(
            run=store.read(run_id),
            events=tuple(store.events(run_id)),
            checkpoint=None if checkpoint is None else checkpoint.read_bytes(),
            others=() if assistant is None else (assistant,),
            data=data_of(spec),
            files=files,
            targets=f"{TARGETS}/{folder}",
        )

    def _take(self, progress: WorkerReply, run_id: str, store: Store, folder: str, kept: int) -> None:
        """Store what a worker sent: first the events, then the checkpoint that counts them.

        kept: events that stay if the worker resumed the run.
        """
        for name, content in (progress.targets or {}).items():
            with suppress(OSError):  # as on this machine: a full disk costs the next run time
                store.targets.mkdir(parents=True, exist_ok=True)
                write_whole(store.targets / name, content)
                self._names.setdefault(folder, set()).add(name)
        for event in progress.events:
            if isinstance(event, Resumed):
                store.keep_events(run_id, kept)
            if event.event != "finished":  # this one is stored with the student
                store.append(run_id, event)
        now, run = store.read(run_id), progress.run
        if (now.counts, now.teacher, now.machine) != (run.counts, run.teacher, run.machine) and run.machine:
            store.update(run_id, "running", counts=run.counts, teacher=run.teacher, machine=run.machine)
        if progress.trained is not None:
            progress.trained.save(store)
        elif (checkpoint := progress.checkpoint) is not None and run_id not in store.unwritten():
            with suppress(OSError):  # the next try comes
                store.save_checkpoint(run_id, lambda path: write_whole(path, checkpoint))

    def _stop(self, worker: Worker, pending: Any, run_id: str, store: Store, folder: str, kept: int) -> None:
        """Let the worker save a checkpoint, and take it. If it can't be reached, the last one stays."""
        end = time.monotonic() + STOPS_WITHIN
        try:
            for reference in (pending, worker.actor.advance.remote(stop=True)):
                while not self.pool.ready(reference):
                    if time.monotonic() > end:
                        raise WorkerLost(f"it did not stop within {STOPS_WITHIN:g} s")
                progress: WorkerReply = self.pool.result(reference)
                self._take(progress, run_id, store, folder, kept)
                if progress.over:
                    return
        except Exception:  # it died, or the disk is full: the run ends with what is there
            self.pool.discard(worker)


def _events_saved(run_id: str, store: Store) -> int:
    """How many events the run's checkpoint counts; 0 without one."""
    path = store.checkpoint(run_id)
    about = None if path is None else about_checkpoint(path)
    return 0 if about is None else int(about["events"])
