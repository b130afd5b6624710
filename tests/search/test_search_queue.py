"""Searches in the queue: fair, pausable, and the same as one that nothing disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.config.spec import Spec, SpecError
from labcore.owners.owner import NotYours, Person
from labcore.results.events import Event, TrainStep
from labcore.runs.execute import execute_and_store
from labcore.runs.jobs import Jobs
from labcore.runs.server_limits import Limits
from labcore.runs.store import Store
from labcore.search.carry_out import carry_out
from labcore.search.search_queue import STOPPED, SearchQueue
from labcore.search.search_settings import SearchSettings
from tests.shared.runs import until
from tests.shared.searches import driver_in, without_runs

ANNA, BEN = Person(owner="a" * 32, host=False), Person(owner="b" * 32, host=False)


def load_at_once() -> None:
    """torch is loaded in a test."""


@pytest.fixture
def queue(store: Store) -> SearchQueue:
    return SearchQueue(store.home)


@pytest.mark.full
def test_a_search_in_the_queue_is_the_one_of_the_command_line(
    tiny_search: SearchSettings, store: Store, queue: SearchQueue, tmp_path: Path
) -> None:
    direct = driver_in(tmp_path / "direct", tiny_search)
    list(carry_out(direct, execute_and_store))
    jobs = Jobs(store, load=load_at_once, between=queue)
    search_id = queue.begin(tiny_search, ANNA, jobs)
    until(lambda: queue.files.history(search_id).state == "finished")
    assert not queue.runs_here(search_id)
    in_queue = driver_in(store.home, tiny_search)
    in_queue.entry = queue.files.read(search_id)
    assert without_runs(in_queue) == without_runs(direct)
    assert {run.owner for run in store.runs()} == {ANNA.owner}


def test_a_pause_keeps_the_training_and_a_search_goes_on_from_it(
    tiny_search: SearchSettings, store: Store, queue: SearchQueue
) -> None:
    held: list[str] = []

    def waits_once(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        for event in execute_and_store(spec, run_id, store):
            if isinstance(event, TrainStep) and not held:
                held.append(run_id)
                until(lambda: jobs.stopping(run_id))
            yield event

    jobs = Jobs(store, waits_once, load=load_at_once, between=queue)
    search_id = queue.begin(tiny_search, ANNA, jobs)
    with pytest.raises(SpecError, match="you have a search that runs"):
        queue.begin(tiny_search, ANNA, jobs)
    until(lambda: held)
    with pytest.raises(NotYours):
        queue.end(search_id, BEN, jobs, "paused")
    queue.end(search_id, ANNA, jobs, "paused")
    until(lambda: not jobs.busy())
    assert queue.files.history(search_id).state == "paused"
    assert store.read(held[0]).status == "stopped"
    runs = len(store.runs())
    queue.go_on(search_id, ANNA, jobs)
    until(lambda: queue.files.history(search_id).state == "finished")
    assert store.read(held[0]).status == "finished"
    assert len(store.runs()) > runs


def test_a_search_that_goes_on_before_its_training_has_ended_trains_on(
    tiny_search: SearchSettings, store: Store, queue: SearchQueue
) -> None:
    held: list[str] = []
    looked = False

    def waits_once(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        for event in execute_and_store(spec, run_id, store):
            if isinstance(event, TrainStep) and not held:
                held.append(run_id)
                until(lambda: looked)
            yield event

    jobs = Jobs(store, waits_once, load=load_at_once, between=queue, slots=lambda: 2)
    search_id = queue.begin(tiny_search, ANNA, jobs)
    until(lambda: held)
    queue.end(search_id, ANNA, jobs, "paused")
    queue.go_on(search_id, ANNA, jobs)
    until(lambda: not queue.wanted(jobs))  # the other thread has seen the run, which is still in the queue
    looked = True
    until(lambda: queue.files.history(search_id).state != "running")
    assert queue.files.history(search_id).state == "finished"
    assert store.read(held[0]).status == "finished"


def test_a_search_whose_training_waits_can_pause_and_go_on(
    tiny_search: SearchSettings, store: Store, queue: SearchQueue, spec: Spec
) -> None:
    others: list[str] = []
    began: list[str] = []
    gone_on = False

    def held(each: Spec, run_id: str, store: Store) -> Iterator[Event]:
        if not others:
            short = replace(spec.distil, steps=1, epochs=1, seed=7)
            others.append(jobs.submit(replace(spec, distil=short), BEN.owner))
        if run_id in others:
            began.append(run_id)
            until(lambda: gone_on)
        yield from execute_and_store(each, run_id, store)

    jobs = Jobs(store, held, load=load_at_once, between=queue)
    search_id = queue.begin(tiny_search, ANNA, jobs)
    until(lambda: began)
    waiting = [run.id for run in store.runs() if run.owner == ANNA.owner and jobs.place(run.id) is not None]
    assert len(waiting) == 1
    queue.end(search_id, ANNA, jobs, "paused")
    queue.go_on(search_id, ANNA, jobs)
    gone_on = True
    until(lambda: queue.files.history(search_id).state != "running")
    history = queue.files.history(search_id)
    assert (history.state, history.reason) == ("finished", "")


@pytest.mark.full
def test_somebody_elses_run_comes_between_two_trainings_of_a_search(
    tiny_search: SearchSettings, store: Store, queue: SearchQueue, spec: Spec
) -> None:
    order: list[str | None] = []

    def noted(each: Spec, run_id: str, store: Store) -> Iterator[Event]:
        order.append(store.read(run_id).owner)
        if len(order) == 1:
            for seed in range(3):
                jobs.submit(replace(spec, distil=replace(spec.distil, steps=1, epochs=1, seed=seed)), BEN.owner)
        yield from execute_and_store(each, run_id, store)

    jobs = Jobs(store, noted, load=load_at_once, between=queue)
    search_id = queue.begin(tiny_search, ANNA, jobs)
    until(lambda: queue.files.history(search_id).state == "finished" and not jobs.busy())
    assert order[:6] == [ANNA.owner, BEN.owner] * 3


def test_a_person_who_stops_its_training_pauses_the_search(
    tiny_search: SearchSettings, store: Store, queue: SearchQueue
) -> None:
    def stopped(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        for event in execute_and_store(spec, run_id, store):
            jobs.stop(run_id)
            yield event

    jobs = Jobs(store, stopped, load=load_at_once, between=queue)
    search_id = queue.begin(tiny_search, ANNA, jobs)
    until(lambda: queue.files.history(search_id).state == "paused")
    assert queue.files.history(search_id).reason == STOPPED
    until(lambda: not queue.files.carried_out(search_id))


def test_a_server_refuses_a_search_or_a_training_that_is_too_long(
    tiny_search: SearchSettings, store: Store, queue: SearchQueue
) -> None:
    allowed = Limits(waiting=10, waiting_in_all=10, steps=39, seconds=600, work=1e12)
    jobs = Jobs(store, load=load_at_once, limits=allowed, between=queue)
    with pytest.raises(SpecError, match="a budget of 40 steps, but this server allows 39; give a smaller budget"):
        queue.begin(tiny_search, ANNA, jobs, allowed)
    narrow = replace(allowed, steps=1_000, waiting=0.5)
    jobs = Jobs(store, load=load_at_once, limits=narrow, between=queue)
    search_id = queue.begin(tiny_search, ANNA, jobs, narrow)
    until(lambda: queue.files.history(search_id).state == "paused")
    assert "one person may have" in queue.files.history(search_id).reason


@pytest.mark.full
def test_a_search_that_was_cut_off_goes_on_by_itself_if_the_host_wants_it(
    tiny_search: SearchSettings, store: Store
) -> None:
    driver = driver_in(store.home, tiny_search)
    events = carry_out(driver, execute_and_store)
    for event in events:
        if isinstance(event, TrainStep):
            break
    events.close()
    driver.files.release(driver.entry.id)
    queue = SearchQueue(store.home, resume=True)
    Jobs(store, load=load_at_once, between=queue)
    until(lambda: queue.files.history(driver.entry.id).state == "finished")
