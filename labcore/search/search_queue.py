"""Searches in the lab's queue: each waits for one training at a time, which is an ordinary run of its owner.

So a search takes turns with everybody's jobs, keeps within the server's limits, and needs no thread of its own. Between
two jobs the queue's thread calls `advance`, which does what is cheap and queues the next training.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.config.checks import SpecError
from labcore.owners.owner import Person, check_may_change
from labcore.results.run import Run
from labcore.runs.jobs import Jobs
from labcore.runs.run_files import RunNotFound
from labcore.runs.server_limits import Limits
from labcore.search.search_events import State, StateChanged
from labcore.search.search_files import SearchEntry, SearchFiles
from labcore.search.search_settings import SearchSettings
from labcore.system.faults import reported

if TYPE_CHECKING:
    from labcore.search.search_driver import Driver

AT_ONCE = 5.0  # seconds between two jobs, after which a job comes first
STOPPED = "its training was stopped"


class SearchQueue:
    """The searches that this process carries out. Other threads than the queue's only add and remove them."""

    def __init__(self, home: Path, *, resume: bool = False):
        """resume: whether searches that were cut off go on by themselves."""
        self.files = SearchFiles(home)
        self._active: dict[str, Driver | None] = {}
        self._waits_for: dict[str, str] = {}  # the run of each search that waits for one
        self._paused: set[str] = set()  # runs that were stopped with their search, and may still train a step
        self._resume = resume

    # -- what a person does ------------------------------------------------------------------------

    def begin(self, search: SearchSettings, person: Person, jobs: Jobs, limits: Limits | None = None) -> str:
        """Begin a search of the person's own, and return its id. One person has one at a time.

        Raises SpecError if it is not allowed, and OSError.
        """
        if any(self.files.read(each).owner == person.owner for each in list(self._active)):
            raise SpecError("you have a search that runs; pause or stop it first")
        _check_budget(search, limits)
        entry = self.files.create(search, person.owner)
        self._go(entry.id, jobs)
        return entry.id

    def go_on(self, search_id: str, person: Person, jobs: Jobs) -> None:
        """Let a search go on that is paused, stopped or cut off. Raises NotYours, SpecError and OSError."""
        entry = self._own(search_id, person, "resume")
        if self.files.history(search_id).state == "finished":
            raise SpecError(f"search {search_id} has finished; begin another one")
        self.files.hold(entry.id)
        self.files.append(entry.id, StateChanged("running"))
        self._go(entry.id, jobs)

    def end(self, search_id: str, person: Person, jobs: Jobs, state: State) -> None:
        """Pause or stop a search. Its training keeps a checkpoint. Raises NotYours, SpecError and OSError."""
        self._own(search_id, person, "stop")
        self._leave(search_id, jobs, StateChanged(state))

    def remove(self, search_id: str, person: Person) -> None:
        """Remove a search that is not carried out; its runs stay. Raises NotYours, SpecError and OSError."""
        self._own(search_id, person, "remove")
        self.files.remove(search_id)

    def remove_of(self, owner: str, jobs: Jobs) -> None:
        """Remove the searches of an owner; what runs is stopped first. The caller checks who asks. Raises OSError."""
        for search_id in self.files.of_owner(owner):
            if search_id in self._active:
                self._leave(search_id, jobs, StateChanged("stopped"))
            self.files.remove(search_id)

    def runs_here(self, search_id: str) -> bool:
        """Whether this process carries a search out."""
        return search_id in self._active

    def _own(self, search_id: str, person: Person, act: str) -> SearchEntry:
        entry = self.files.read(search_id)
        check_may_change(entry.owner, person, "search", act)
        return entry

    def _go(self, search_id: str, jobs: Jobs) -> None:
        self._active[search_id] = None
        jobs.wake()

    def _leave(self, search_id: str, jobs: Jobs, event: StateChanged) -> None:
        self._active.pop(search_id, None)
        run = self._waits_for.pop(search_id, None)
        if run is not None and event.reason != STOPPED:
            self._stop(run, jobs)
        try:
            self.files.append(search_id, event)
        finally:
            self.files.release(search_id)

    # -- what the queue's thread does --------------------------------------------------------------

    def wanted(self, jobs: Jobs) -> bool:
        """Whether a search can go on now: it waits for no run that is in the queue."""
        return self._resume or any(True for _ in self._ready(jobs))

    def advance(self, jobs: Jobs) -> None:
        """Let each search that can go on take steps for some seconds, or up to its next training."""
        if self._resume:
            self._resume = False
            self._resume_cut_off()
        for search_id in list(self._ready(jobs)):
            started = time.monotonic()
            try:
                while self._step(search_id, jobs) and time.monotonic() - started < AT_ONCE:
                    continue
            except Exception as error:
                self._give_up(search_id, jobs, error)

    def _ready(self, jobs: Jobs) -> Iterable[str]:
        for search_id in list(self._active):
            run = self._waits_for.get(search_id)
            if run is None or jobs.place(run) is None:
                yield search_id

    def _step(self, search_id: str, jobs: Jobs) -> bool:
        """Take one step of a search; whether another can follow at once."""
        from labcore.search.search_driver import Driver  # imports torch

        if search_id not in self._active:
            return False
        driver = self._active[search_id] or Driver(self.files.read(search_id), jobs.store, self.files)
        if search_id in self._active:
            self._active[search_id] = driver
        waits_for = self._waits_for.pop(search_id, None)
        begun = driver.settle()
        if isinstance(begun, Run):
            return self._wait_again(search_id, begun, jobs, ended_here=waits_for == begun.id)
        if begun is not None:
            return True
        training = driver.next_training()
        if training is None:
            if isinstance(driver.advance(), StateChanged):
                self._active.pop(search_id, None)
                self.files.release(search_id)
                return False
            return True
        if driver.reused(training) is None and search_id in self._active:
            run_id = jobs.submit(driver.spec(training), driver.entry.owner)
            driver.begin(training, run_id)
            self._wait(search_id, run_id, jobs)
            return False
        return True

    def _wait_again(self, search_id: str, run: Run, jobs: Jobs, *, ended_here: bool) -> bool:
        """Wait for a run that was begun: it is in the queue, or it goes on after a pause. Always False."""
        if jobs.place(run.id) is None:
            if ended_here and run.status == "stopped" and run.id not in self._paused:
                self._leave(search_id, jobs, StateChanged("paused", STOPPED))
                return False
            self._paused.discard(run.id)
            jobs.resume(run.id)
        self._wait(search_id, run.id, jobs)
        return False

    def _wait(self, search_id: str, run: str, jobs: Jobs) -> None:
        """Wait for a run; if the search was paused meanwhile, stop it."""
        self._waits_for[search_id] = run
        if search_id not in self._active and self._waits_for.pop(search_id, None) is not None:
            self._stop(run, jobs)

    def _stop(self, run: str, jobs: Jobs) -> None:
        """Stop a run because its search pauses. If the search goes on before it has ended, so does the run."""
        self._paused.add(run)
        with suppress(RunNotFound):
            jobs.stop(run)

    def _give_up(self, search_id: str, jobs: Jobs, error: Exception) -> None:
        home = self.files.folder.parent
        line = str(error) if isinstance(error, SpecError) else reported(error, home, f"search {search_id}", home)
        logging.getLogger(__name__).warning("search %s: %s", search_id, line)
        with suppress(OSError, SpecError):
            self._leave(search_id, jobs, StateChanged("paused", line))

    def _resume_cut_off(self) -> None:
        for entry in self.files.all():
            with suppress(OSError, SpecError):
                if self.files.history(entry.id).state == "running" and not self.files.carried_out(entry.id):
                    self.files.hold(entry.id)
                    self._active[entry.id] = None


def _check_budget(search: SearchSettings, limits: Limits | None) -> None:
    if limits is None:
        return
    most = limits.seconds if search.unit == "seconds" else limits.steps
    if search.budget > most:
        raise SpecError(
            f"this search has a budget of {search.budget:,.0f} {search.unit}, but this server allows {most:,.0f}; "
            "give a smaller budget"
        )
