"""Operations on searches: those of a person, and the one of the queue's thread."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.faults.operation import Operation
from benchmarks.faults.run_operations import ANN
from benchmarks.faults.tiny_lab import tiny_lab
from labcore.config.checks import SpecError
from labcore.owners.owner import Person
from labcore.runs.jobs import Jobs
from labcore.search.search_events import SearchEvent, StateChanged, TeacherMeasured
from labcore.search.search_files import SearchFiles
from labcore.search.search_queue import SearchQueue
from labcore.search.search_settings import SearchSettings
from labcore.system.home import default_home

PERSON, STEPS = Person(ANN), 40
SPENT = TeacherMeasured(1.0, 0.9, cost=float(STEPS))  # nothing is left of the budget, so the search ends next


def _settings() -> SearchSettings:
    return SearchSettings(teacher=str(tiny_lab().teacher), steps=STEPS)


def _begun(*events: SearchEvent) -> Callable[[], None]:
    """A search of Ann's with these events, held by nobody."""

    def prepare() -> None:
        files = SearchFiles(default_home())
        entry = files.create(_settings(), ANN)
        for event in events:
            files.append(entry.id, event)
        files.release(entry.id)

    return prepare


def _only(queue: SearchQueue) -> str:
    """The id of the only search. Raises SpecError if there is none."""
    entries = queue.files.all()
    if not entries:
        raise SpecError("the search is not there; it was removed")
    return entries[0].id


def _on_queue(act: Callable[[SearchQueue, Jobs], object], *, resume: bool = False) -> Callable[[Jobs], None]:
    """The act in a process that lets go what it holds at its end."""

    def done(jobs: Jobs) -> None:
        queue = SearchQueue(default_home(), resume=resume)
        try:
            act(queue, jobs)
        finally:
            for entry in queue.files.all():
                queue.files.release(entry.id)

    return done


def _advance(queue: SearchQueue, jobs: Jobs) -> None:
    """The queue's thread raises nothing: a search that it can't go on with is paused, with the reason."""
    queue.advance(jobs)
    history = queue.files.history(_only(queue))
    if history.state != "finished":
        raise SpecError(f"the search has not ended; {history.reason or 'resume it'}")


OPERATIONS = (
    Operation(name="begin a search", verbs="SearchQueue.begin SearchFiles.create SearchFiles.hold", queue=True,
              act=_on_queue(lambda queue, jobs: queue.begin(_settings(), PERSON, jobs))),
    Operation(name="pause a search", verbs="SearchQueue.end SearchFiles.append SearchFiles.release", queue=True,
              prepare=_begun(), act=_on_queue(lambda queue, jobs: queue.end(_only(queue), PERSON, jobs, "paused"))),
    Operation(name="let a search go on", verbs="SearchQueue.go_on", queue=True, prepare=_begun(StateChanged("paused")),
              act=_on_queue(lambda queue, jobs: queue.go_on(_only(queue), PERSON, jobs))),
    Operation(name="end a search", verbs="SearchQueue.advance", queue=True, prepare=_begun(SPENT),
              act=_on_queue(_advance, resume=True)),
    Operation(name="remove a search", verbs="SearchQueue.remove SearchFiles.remove", queue=True, prepare=_begun(),
              act=_on_queue(lambda queue, jobs: queue.remove(_only(queue), PERSON))),
    Operation(name="remove the searches of an owner", verbs="SearchQueue.remove_of", queue=True, prepare=_begun(),
              act=_on_queue(lambda queue, jobs: queue.remove_of(ANN, jobs))),
)  # fmt: skip
