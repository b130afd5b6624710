"""The background thread: one run at a time, the others queued in the order they came. The only threading here.

One at a time, because dropout draws from torch's one global generator, and because two trainings on two cores
would both be late. Jobs live in the process, their runs in the store, so a page needs only a run's id.
A student that the store could not take stays here until it is saved.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from labcore.config.spec import Spec
from labcore.results.events import Event
from labcore.runs.assistants import chain_to_run
from labcore.runs.store import RunNotFound, Store
from labcore.runs.trained_student import NotSaved, Trained
from labcore.system.faults import note, reported

MAX_UNSAVED = 3  # trained students that wait in memory for a disk
RETRY = 5.0  # seconds between two tries to write what the disk did not take, while nothing runs
Execute = Callable[[Spec, str, Store], Iterator[Event]]


def _execute(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    from labcore.runs.execute import execute_and_store  # imports torch: seconds that the first page must not wait for

    return execute_and_store(spec, run_id, store)


def _load() -> None:
    import labcore.runs.execute  # noqa: F401

    # What torch and transformers made stays for good. Passed over by the collector, it does not make pages stutter.
    gc.collect()
    gc.freeze()


class Jobs:
    """A queue of runs and the thread that works through it."""

    def __init__(self, store: Store, execute: Execute = _execute, load: Callable[[], object] = _load):
        """`load` is the first work of the thread; `wait_until_loaded` waits for it."""
        self.store = store
        self._execute = execute
        self._load = load
        self._loaded = threading.Event()
        self._load_error: Exception | None = None
        self._queue: deque[tuple[str, Spec]] = deque()  # the first is the one that runs
        self._stopping: set[str] = set()
        self._unsaved: dict[str, Trained] = {}  # by run, the oldest first
        self._saving = threading.Lock()  # one thread at a time writes what waits
        self._changed = threading.Condition()
        self._worker = threading.Thread(target=self._work, name="distillation", daemon=True)
        self._worker.start()

    def submit(self, spec: Spec) -> str:
        """Queue a run, before it the assistants that it waits for, and return its id at once.

        Raises OSError if the home can't take a run; then none is queued.
        """
        queued: list[tuple[str, Spec]] = []
        try:
            queued.extend((self.store.create(each), each) for each in chain_to_run(spec, self.store))
        except BaseException:
            for run_id, _ in queued:
                self.store.discard(run_id)
            raise
        with self._changed:
            self._queue.extend(queued)
            self._changed.notify_all()
        return queued[-1][0]

    def stop(self, run_id: str) -> None:
        """Stop a run: a queued one now, a running one after the step that it is in. Another run is left alone."""
        with self._changed:
            ahead = self.place(run_id)
            if ahead == 0:
                self._stopping.add(run_id)
            elif ahead is not None:
                del self._queue[ahead]
                self.store.update(run_id, "stopped")

    def busy(self) -> bool:
        """Whether a run trains or waits in this process."""
        return bool(self._queue)

    def place(self, run_id: str) -> int | None:
        """Runs ahead of this one: 0 while it runs; None if it is not in this queue."""
        return next((i for i, (queued, _) in enumerate(list(self._queue)) if queued == run_id), None)

    def stopping(self, run_id: str) -> bool:
        """Whether the run is to stop, and is finishing its step."""
        return run_id in self._stopping

    def unsaved(self, run_id: str) -> Trained | None:
        """The run's trained student, if the store could not take it; None otherwise."""
        return self._unsaved.get(run_id)

    def unsaved_runs(self) -> list[str]:
        """The ids of runs whose trained students wait in memory, the oldest first."""
        return list(self._unsaved)

    def save(self, run_id: str) -> None:
        """Save a trained student that the store could not take; its run is finished then. Raises NotSaved."""
        with self._saving:
            if (trained := self._unsaved.get(run_id)) is not None:
                trained.save(self.store)
                self._unsaved.pop(run_id, None)

    def wait_until_loaded(self) -> None:
        """Return once the thread has imported torch and transformers; raise RuntimeError if it could not.

        Call this before the first use of them: transformers loads its parts lazily, and two threads that do so
        at the same time fail with names that can't be imported.
        """
        self._loaded.wait()
        if self._load_error is not None:
            raise RuntimeError(f"torch and transformers can't be loaded: {self._load_error}") from self._load_error

    def _work(self) -> None:
        try:
            self._load()
        except Exception as error:
            self._report(error, "loading torch and transformers")
            self._load_error = error
        self._loaded.set()
        while True:
            with self._changed:
                waits = not self._changed.wait_for(lambda: self._queue, RETRY)
            if waits:
                self._write_unwritten()
                continue
            run_id, spec = self._queue[0]
            try:
                self.wait_until_loaded()
                events = self._execute(spec, run_id, self.store)
                for _ in events:
                    if run_id in self._stopping:
                        events.close()  # type: ignore[attr-defined]  # a generator: it sees GeneratorExit
            except Exception as error:
                line = self._report(error, f"run {run_id}")
                if isinstance(error, NotSaved):
                    self._keep(run_id, error.trained)
                with suppress(RunNotFound, OSError):  # its folder was deleted meanwhile
                    if self.store.read(run_id).active:  # it failed before its status was set
                        self.store.update(run_id, "failed", error=line)
            finally:
                with self._changed:
                    self._queue.popleft()
                    self._stopping.discard(run_id)

    def _keep(self, run_id: str, trained: Trained) -> None:
        """Keep a student that could not be saved; the oldest goes if there are too many."""
        self._unsaved[run_id] = trained
        while len(self._unsaved) > MAX_UNSAVED:
            oldest = next(iter(self._unsaved))
            self._unsaved.pop(oldest, None)
            words = f"run {oldest}: its unsaved student was let go; {MAX_UNSAVED} are kept in memory at most"
            note(words, self.store.home)
            logging.getLogger(__name__).warning(words)

    def _write_unwritten(self) -> None:
        with self._saving:
            for run_id in self.store.unwritten():
                with suppress(OSError):  # the next try comes
                    self.store.flush(run_id)

    def _report(self, error: Exception, during: str) -> str:
        """Put the error's details into the log and a line on the terminal, and return the line."""
        line = reported(error, self.store.home, during, self.store.home)
        logging.getLogger(__name__).warning("%s: %s", during, line)
        return line
