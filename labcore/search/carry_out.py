"""A search from its beginning to its end in one process: each training is an ordinary run of the store."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress

from labcore.config.spec import Spec, SpecError
from labcore.results.events import Event
from labcore.results.run import Run
from labcore.runs.resuming import reopened
from labcore.runs.store import Store
from labcore.search.search_driver import Driver
from labcore.search.search_events import SearchEvent, StateChanged

Execute = Callable[[Spec, str, Store], Iterator[Event]]


def carry_out(driver: Driver, execute: Execute) -> Generator[Event | SearchEvent, None, None]:
    """Search until the budget is spent; yields the search's events and those of its runs.

    A training that ended early goes on from its checkpoint first. If it is closed, or its process ends, all that was
    measured is kept, and the same call goes on later. The search must be held.
    Raises SpecError if the teacher is not here, and OSError if the home takes no more.
    """
    store = driver.store
    while True:
        begun = driver.settle()
        if isinstance(begun, Run):
            for run_id, spec in reopened(begun.id, store):
                yield from _trained(spec, run_id, store, execute)
            continue
        if begun is not None:
            yield begun
        training = driver.next_training()
        if training is None:
            event = driver.advance()
            yield event
            if isinstance(event, StateChanged):
                return
        elif (measured := driver.reused(training)) is not None:
            yield measured
        else:
            spec = driver.spec(training)
            run_id = store.create(spec, driver.entry.owner)
            yield driver.begin(training, run_id)
            yield from _trained(spec, run_id, store, execute)


def _trained(spec: Spec, run_id: str, store: Store, execute: Execute) -> Iterator[Event]:
    with suppress(SpecError):  # the run has it, and the search goes on without this design
        yield from execute(spec, run_id, store)
