"""A search from its beginning to its end, with real trainings of a tiny teacher's students."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from labcore.config.spec import Spec, SpecError
from labcore.results.events import Event, TrainStep, Validation
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.search.carry_out import carry_out
from labcore.search.history import History
from labcore.search.outcome import longer, outcome_of
from labcore.search.outcome_data import SearchOutcome
from labcore.search.ranking import Ranking
from labcore.search.search_driver import Driver
from labcore.search.search_events import Failed
from labcore.search.search_files import SearchFiles
from labcore.search.search_settings import SearchSettings
from tests.shared.searches import driver_in, without_runs


def again(driver: Driver) -> Driver:
    """The same search as another process meets it."""
    driver.files.release(driver.entry.id)
    store = Store(driver.store.home)
    files = SearchFiles(store.home)
    files.hold(driver.entry.id)
    return Driver(files.read(driver.entry.id), store, files)


def interrupted(driver: Driver, steps: int) -> Driver:
    """Carry a search out, and cut it off after each number of its training steps; the last process ends it."""
    while True:
        taken = 0
        events = carry_out(driver, execute_and_store)
        for event in events:
            taken += isinstance(event, TrainStep)
            if taken == steps:
                events.close()
        if taken < steps:
            return driver
        driver = again(driver)


def best_validation(store: Store, run: str) -> float:
    return max(event.accuracy for event in store.events(run) if isinstance(event, Validation))


def check_outcome(driver: Driver, outcome: SearchOutcome | None) -> None:
    """The figures of a result are those of its runs, and its candidates are in the order of the goal."""
    assert outcome is not None
    best = outcome.smallest
    assert best is not None
    assert outcome.meets
    runs = [driver.store.read(run) for run in best.runs]
    assert best.size == runs[0].counts.student.total
    assert best.validation == pytest.approx(
        sum(best_validation(driver.store, run.id) for run in runs) / len(runs), abs=1e-6
    )
    assert best.test == pytest.approx(sum(run.result.accuracy for run in runs) / len(runs), abs=1e-6)
    assert sum(each.best for each in outcome.candidates) <= 1 + 1e-9
    assert all(each.best <= each.within + 1e-9 for each in outcome.candidates)
    meeting = [each for each in outcome.candidates if each.validation >= outcome.teacher_validation - 0.25]
    assert all(one.size <= other.size for one, other in pairwise(meeting))
    assert SearchOutcome.from_dict(outcome.to_dict()) == outcome


def test_a_search_that_is_cut_off_again_and_again_ends_as_one_undisturbed(
    tiny_search: SearchSettings, tmp_path: Path
) -> None:
    """Both are deterministic, keep to the goal and the budget, and their trainings are runs of the store."""
    undisturbed = driver_in(tmp_path / "one", tiny_search)
    list(carry_out(undisturbed, execute_and_store))
    cut_off = interrupted(driver_in(tmp_path / "other", tiny_search), 7)
    assert without_runs(cut_off) == without_runs(undisturbed)

    history: History = undisturbed.history
    assert history.state == "finished"
    assert history.spent <= tiny_search.budget
    best = Ranking(tiny_search, history).incumbent()
    assert best is not None
    assert history.teacher is not None
    assert best.known_size < history.teacher.size
    outcome = outcome_of(tiny_search, history, undisturbed.store)
    check_outcome(undisturbed, outcome)
    assert outcome == replace(
        outcome_of(tiny_search, cut_off.history, cut_off.store),
        candidates=outcome.candidates,
        smallest=outcome.smallest,
    )
    trained = {run.spec for run in undisturbed.store.finished_runs()}
    assert longer(tiny_search, best).distil.steps == 4 * 5
    assert replace(longer(tiny_search, best), distil=next(s.distil for s in trained if s.distil.steps == 5)) in trained


@pytest.mark.full
def test_what_the_store_has_is_not_trained_again(tiny_search: SearchSettings, store: Store) -> None:
    first = driver_in(store.home, tiny_search)
    list(carry_out(first, execute_and_store))
    runs = {run.id for run in store.runs()}

    def refuse(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        raise AssertionError("it was trained again")

    second = driver_in(store.home, tiny_search)
    list(carry_out(second, refuse))
    assert {run.id for run in store.runs()} == runs
    assert without_runs(second) == without_runs(first)


@pytest.mark.full
def test_a_training_that_fails_ends_its_design_and_not_the_search(tiny_search: SearchSettings, store: Store) -> None:
    def fails_once(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        if len(store.runs()) == 1:
            store.update(run_id, "failed", error="no memory")
            raise SpecError("no memory")
        yield from execute_and_store(spec, run_id, store)

    driver = driver_in(store.home, tiny_search)
    events = list(carry_out(driver, fails_once))
    failed = [event for event in events if isinstance(event, Failed)]
    assert [event.reason for event in failed] == ["no memory"]
    assert not driver.history[failed[0].number].alive
    assert driver.history.state == "finished"
    assert driver.history.reached("full")


def test_one_process_at_a_time_carries_a_search_out(tiny_search: SearchSettings, store: Store) -> None:
    driver = driver_in(store.home, tiny_search)
    entry = driver.entry
    with pytest.raises(SpecError, match="by another process; stop it there first"):
        SearchFiles(store.home).hold(entry.id)
    assert SearchFiles(store.home).carried_out(entry.id)
    driver.files.release(entry.id)
    assert not SearchFiles(store.home).carried_out(entry.id)
    SearchFiles(store.home).hold(entry.id)
