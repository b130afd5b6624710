"""What a search does next, and who goes on, with accuracies from a formula."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.search.halving import FINALISTS, SEEDS, Finish, Train, next_action, training_length, training_of
from labcore.search.history import Design, History, history_of
from labcore.search.ranking import Ranking
from labcore.search.search_events import DesignMeasured, Failed, Proposed, Rung
from labcore.search.search_settings import Goal, SearchSettings
from tests.shared.simulated_search import TEACHER, simulated, step

SEARCH = SearchSettings(goal=Goal(within=3.0), steps=2_000)
LIMITED = SearchSettings(goal=Goal(limit=1e6), steps=2_000)


@pytest.mark.parametrize("search", [SEARCH, LIMITED, replace(SEARCH, proposals="random")])
def test_a_search_spends_its_budget_and_no_more(search: SearchSettings) -> None:
    history, events = simulated(search)
    trained = [event for event in events if isinstance(event, DesignMeasured) and event.rung != "untrained"]
    assert history.spent == sum(event.cost for event in trained)
    assert history.spent <= search.budget
    assert search.budget - history.spent < training_length(search, "full")  # another full one would not fit
    assert next_action(search, history) == Finish()


def test_equal_searches_are_equal_step_by_step() -> None:
    assert simulated(SEARCH)[1] == simulated(SEARCH)[1]
    assert simulated(SEARCH)[1] != simulated(replace(SEARCH, seed=1))[1]


def test_a_search_goes_on_from_any_of_its_events_as_if_nothing_had_happened() -> None:
    events = simulated(SEARCH)[1]
    for place in range(0, len(events), 7):
        assert step(SEARCH, history_of(events[:place])) == events[place]


def test_the_smallest_design_within_the_distance_is_the_best() -> None:
    history, _ = simulated(SEARCH)
    within = [each for each in history.reached("full") if (each.at("full") or 0) >= TEACHER - 0.03]
    best = Ranking(SEARCH, history).incumbent()
    assert best is not None
    assert best.size == min(each.size for each in within if each.size is not None)


def test_under_a_limit_the_most_accurate_design_is_the_best_and_none_above_it_is_measured() -> None:
    history, _ = simulated(LIMITED)
    best = Ranking(LIMITED, history).incumbent()
    assert best is not None
    assert best.at("full") == max(each.at("full") or 0 for each in history.reached("full"))
    assert any(each.verdict == "over" for each in history.designs)
    assert all(each.known_size <= 1e6 for each in history.designs if each.measured)


def test_what_is_no_smaller_than_the_best_known_is_not_trained_again() -> None:
    refused = 0
    for seed in range(3):
        search, history = replace(SEARCH, seed=seed), History()
        while (event := step(search, history)) is not None:
            best = None if history.teacher is None else Ranking(search, history).incumbent()
            if isinstance(event, DesignMeasured) and event.seed == 0 and event.rung != "untrained" and best is not None:
                assert history[event.number].known_size < best.known_size
            if isinstance(event, Proposed) and best is not None and (event.size or 0) >= best.known_size:
                assert event.verdict in ("larger", "same")
                refused += event.verdict == "larger"
            history = history.after(event)
    assert refused


def test_only_finalists_are_trained_with_further_seeds() -> None:
    history = History()
    while (event := step(SEARCH, history)) is not None:
        if isinstance(event, DesignMeasured) and event.seed > 0:
            finalists = [each.number for each in Ranking(SEARCH, history).finalists()[:FINALISTS]]
            assert event.number in finalists
        history = history.after(event)
    seeds = [len(each.trained("full")) for each in history.reached("full")]
    assert 1 < max(seeds) <= SEEDS


def test_a_rung_sends_on_the_best_third_and_no_design_before_three_were_measured() -> None:
    """Without an incumbent nothing else decides: the accuracy that the goal needs is out of reach."""
    search = replace(SEARCH, goal=Goal(within=0.0))
    history = History()

    def low(search: SearchSettings, design: Design, rung: Rung, seed: int) -> float:
        return 0.7

    while (event := step(search, history, low)) is not None:
        if isinstance(event, DesignMeasured) and event.rung == "short":
            untrained, short = history.reached("untrained"), history.reached("short")
            assert len(untrained) >= 3 * (len(short) + 1)
            ranking = Ranking(search, history)
            better = [each for each in untrained if ranking.value(each) < ranking.value(history[event.number])]
            assert len(better) < len(untrained) / 3
        history = history.after(event)
    assert Ranking(search, history).incumbent() is None


def test_a_failed_design_does_not_go_on() -> None:
    history, events = simulated(SEARCH)
    place = next(i for i, event in enumerate(events) if isinstance(event, DesignMeasured) and event.rung == "short")
    failed = events[place]
    assert isinstance(failed, DesignMeasured)
    history = history_of([*events[:place], Failed(failed.number, "no memory")])
    while (event := step(SEARCH, history)) is not None:
        assert not isinstance(event, DesignMeasured) or event.number != failed.number
        history = history.after(event)


def test_a_budget_in_seconds_counts_the_time_around_a_training() -> None:
    search = SearchSettings(goal=Goal(within=3.0), seconds=600)
    assert training_of(search, "full", 0).seconds == 72
    assert training_of(search, "short", 2).seconds == 18
    assert training_of(search, "short", 2).seed == 2
    events = simulated(search)[1]
    events = [
        replace(each, cost=each.cost + 20) if isinstance(each, DesignMeasured) and each.cost else each
        for each in events
    ]
    history = History()
    for event in events:
        action = next_action(search, history)
        if isinstance(action, Finish):
            break
        if isinstance(action, Train) and history.costs.get("short"):
            assert history.spent + training_length(search, action.rung) + 20 <= 600
        history = history.after(event)
    else:
        pytest.fail("the search never ended, though each training took 20 s more")


def test_the_estimator_finds_smaller_students_than_chance_does() -> None:
    """The mean over six seeds of the smallest size within 3 points; chance counts as the teacher if it has none."""

    def smallest(search: SearchSettings) -> float:
        history, _ = simulated(search)
        best = Ranking(search, history).incumbent()
        assert history.teacher is not None
        return history.teacher.size if best is None else best.known_size

    searches = [replace(SEARCH, steps=4_000, seed=seed) for seed in range(6)]
    estimated = sum(map(smallest, searches))
    by_chance = sum(smallest(replace(search, proposals="random")) for search in searches)
    assert estimated < 0.75 * by_chance


def test_a_design_that_already_meets_the_goal_is_trained_before_the_time_is_over() -> None:
    """Small designs promise most, and none of them gets there; only the two largest are accurate from the start."""
    search = replace(SEARCH, goal=Goal(within=1.0))

    def only_large(search: SearchSettings, design: Design, rung: Rung, seed: int) -> float:
        return TEACHER if design.number < 2 else TEACHER - 0.02

    history, _ = simulated(search, only_large)
    best = Ranking(search, history).incumbent()
    assert best is not None
    assert best.number < 2
