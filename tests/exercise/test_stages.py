"""The stages of the exercise, and the results that the last of them wait for."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_results import results_of
from labcore.exercise.rules import (
    MIN_WORDS,
)
from labcore.exercise.stages import stages
from labcore.exercise.student_comparisons import compare_students, counted_students
from labcore.results.counts import Comparison
from labcore.runs.store import Store
from tests.shared.attempts import designed
from tests.shared.runs import finished


def standings(attempt: Attempt, results: Any = None) -> list[str]:
    return [stage.standing for stage in stages(attempt, compare_students(attempt), results)]


def test_stages_follow_from_the_attempt_alone(store: Store) -> None:
    attempt = Attempt(new_id())
    for place, step in enumerate(_all_steps(store)):
        assert standings(attempt, results_of(attempt, store.runs())).index("current") == place
        attempt = step(attempt)
    assert standings(attempt, results_of(attempt, store.runs())) == ["done"] * 5 + ["current"]


def _all_steps(store: Store) -> list[Any]:
    def design(attempt: Attempt) -> Attempt:
        return replace(attempt, slots=designed().slots)

    def count(attempt: Attempt) -> Attempt:
        counted = counted_students(compare_students(attempt))
        for slot, one in enumerate(counted):
            attempt = attempt.with_count(slot, one.student.total)
        return attempt.with_count(None, counted[0].teacher.total)

    def run(attempt: Attempt) -> Attempt:
        for spec in attempt.specs:
            finished(spec, 0.8)
        return attempt.begin()

    def choose(attempt: Attempt) -> Attempt:
        return replace(attempt, choice=1, reason="word " * MIN_WORDS)

    return [design, count, lambda attempt: attempt.with_prediction(1), run, choose]


def test_shown_counts_open_the_next_stage() -> None:
    assert standings(designed())[1] == "current"
    assert standings(designed(shown=True))[1] == "done"


def test_results_wait_for_all_three_and_mean_over_the_seeds_that_all_have(store: Store) -> None:
    attempt = designed(seeds=2)
    for spec, accuracy in zip(attempt.specs[:5], (0.8, 0.7, 0.6, 0.9, 0.8), strict=True):
        assert (results_of(attempt, store.runs()) is None) == (len(store.runs()) < 3)
        finished(spec, accuracy)
    results = results_of(attempt, store.runs())
    assert results is not None
    assert (results.seeds, results.accuracies) == (1, [0.8, 0.7, 0.6])
    finished(attempt.specs[5], 0.7)
    results = results_of(attempt, store.runs())
    assert results is not None
    assert results.accuracies == pytest.approx([0.85, 0.75, 0.65])
    assert results.students[0].retention == pytest.approx(0.85 / 0.84)
    assert results.sizes == [one.student.total for one in compare_students(attempt) if isinstance(one, Comparison)]
    assert asdict(results)["teacher_parameters"] == 22_713_986
    first = results_of(replace(attempt, seeds=1), store.runs())
    assert first is not None
    assert first.seeds == 1
