"""An operation that writes: how it is prepared, done, and done again once a fault is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from labcore.config.spec import Spec
from labcore.results.events import Event
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store

Act = Callable[[], object]  # in the home that LAB_HOME names


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row of the table.

    verbs: the writing functions that it covers, as `Store.create`. prepare: what is there before. queue: whether the
    operation is one of a queue that a process has already, and is given as `act`'s argument. act: the operation; it may
    return its store, whose events and states that wait in memory are then written once the fault is gone.
    again: how it is repeated then, if not by `act`. stepwise: whether it has several steps, each of which stays if a
    later one fails; else all of it is there or nothing. later: whether what the disk refuses is left for later,
    without an error. slow: whether it takes seconds, so that fewer of its writes
    are tried.
    """

    name: str
    act: Callable[..., object]
    verbs: str = ""
    prepare: Act = lambda: None
    queue: bool = False
    again: Act | None = None
    stepwise: bool = False
    later: bool = False
    slow: bool = False

    def begin(self) -> Process:
        """The process that does it, before it does."""
        return Process(Jobs(Store(), _no_work, load=lambda: None) if self.queue else None, self.act)

    def repeat(self) -> None:
        """Do it in a process of its own, when it was done or tried before."""
        if self.again is None:
            process = self.begin()
            try:
                process.act()
            finally:
                process.end()
        else:
            write_waiting(self.again())


class Process:
    """Stands for a process with a queue of its own, or without one, that does an operation and ends."""

    def __init__(self, jobs: Jobs | None, act: Callable[..., object]):
        self._jobs, self._act, self._result = jobs, act, None

    def act(self) -> None:
        """Do it. Raises what it raises."""
        self._result = self._act() if self._jobs is None else (self._act(self._jobs) and None)

    def end(self) -> None:
        """Write what waits in memory, as a server does when the disk takes it again; then let go what it holds."""
        if self._jobs is not None:
            self._jobs.write_waiting()
            self._jobs.close()
            write_waiting(self._jobs.store)
            for teacher_id in list(self._jobs.teachers._locks):
                self._jobs.teachers._release(teacher_id)
        write_waiting(self._result)


def write_waiting(result: object) -> None:
    """Write what waits in a store, and let go its runs. Raises OSError."""
    if isinstance(result, Store):
        for run_id in result.unwritten():
            result.flush(run_id)
        for run_id in list(result._locks):
            result._release(run_id)


def _no_work(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    store.update(run_id, "stopped")
    yield from ()
