"""The exercise's rules: three levels, a training that a grader can wait for, right counts, the best trade-off."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from labcore.config.spec import DistilConfig
from labcore.config.steps import KeepLayers, Manual, Prune, TrimVocabulary
from labcore.count.parameters import compare
from labcore.data.batches import encode
from labcore.data.tasks import TASKS, load_task
from labcore.exercise.attempt import DEFAULT_CONFIG, Slot
from labcore.exercise.ready_students import READY
from labcore.exercise.rules import (
    APART,
    MAX_TOKENS_READ,
    MAX_TRAINING_STEPS,
    MIN_WORDS,
    best_trade_off,
    config_problem,
    count_right,
    defensible_alternatives,
    design_problems,
    dominator,
    words_missing,
)
from labcore.exercise.stages import ratios
from labcore.exercise.student_comparisons import compare_students
from labcore.results.counts import Comparison
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.load import load_tokenizer
from tests.shared.attempts import THREE, designed

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # another process may want the cores


def test_levels_are_distinct_and_below_the_teacher() -> None:
    assert design_problems([0.8, 0.5, 0.2]) == []
    assert design_problems([0.5, 0.5 + APART, 0.2]) == []
    assert [p[:7] for p in design_problems([0.5, 0.51, 0.53])] == ["A and B", "A and C", "B and C"]
    empty, broken, large = design_problems([None, "no such layer", 1.0])
    assert ("A is empty" in empty, "B can't be made: no such layer" in broken, "C has as many" in large) == (True,) * 3


def test_sizes_are_counted_and_what_grows_is_not_built() -> None:
    attempt = designed(
        slots=(
            Slot(),
            Slot((KeepLayers(layers=(7,)),)),
            Slot((Manual(hidden=65_536, layers=250, heads=64, intermediate=65_536), Prune(0.5))),
        )
    )
    empty, broken, vast = compare_students(attempt)
    assert empty is None
    assert "layer" in str(broken)
    assert "times as large as its teacher" in str(vast)
    for comparison, steps in zip(compare_students(designed()), THREE, strict=True):
        assert isinstance(comparison, Comparison)
        if not any(isinstance(step, TrimVocabulary) for step in steps):  # its oracle needs no texts
            assert comparison.student.total == compare(BUILT_IN["reviews"], steps).student.total


@pytest.mark.parametrize("steps", READY.values(), ids=READY.keys())
def test_ready_students_are_smaller_than_their_teacher(steps: Any) -> None:
    [comparison, *_] = compare_students(designed(slots=(Slot(steps), Slot(), Slot())))
    assert isinstance(comparison, Comparison)
    assert comparison.ratio < 0.8


def test_three_ready_students_make_an_exercise() -> None:
    attempt = designed(
        slots=tuple(Slot(READY[name]) for name in ("Light", "Heavy", "Tiny, initialised from the teacher"))
    )
    assert design_problems(ratios(compare_students(attempt))) == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (DEFAULT_CONFIG, ""),
        (DistilConfig(), ""),
        (DistilConfig(seconds=60.0), "length is in seconds"),
        (DistilConfig(steps=1_000_000), "1,000,000 steps"),
        (DistilConfig(epochs=1000), "200,000 steps over all seeds"),
        (DistilConfig(steps=MAX_TRAINING_STEPS + 1, batch_size=1), "10,001 steps over all seeds"),
        (DistilConfig(steps=MAX_TRAINING_STEPS, batch_size=32), "320,000 examples"),
        (DistilConfig(steps=4000, transfer=50_000), "178,000 examples"),
        (DistilConfig(steps=1, batch_size=60_000), "batches have 60,000 examples"),
    ],
)
def test_a_training_must_be_one_that_a_grader_can_wait_for(config: DistilConfig, words: str) -> None:
    problem = config_problem(designed(config=config))
    assert (words in problem) if words else problem == ""


def test_seeds_make_a_training_longer_and_a_teacher_without_weights_allows_none() -> None:
    long = designed(config=DistilConfig(steps=MAX_TOKENS_READ // load_task("reviews").mean_tokens // 32 // 2))
    assert config_problem(long) == ""
    assert "all seeds together read" in config_problem(replace(long, seeds=3))
    assert "no weights" in config_problem(designed(teacher="bert-base-uncased"))


def test_news_examples_are_long_and_have_no_transfer_set() -> None:
    three_epochs = designed(teacher="news", config=DistilConfig(epochs=3))
    assert config_problem(three_epochs) == config_problem(replace(three_epochs, seeds=3)) == ""
    assert "give at most 18,000" in config_problem(designed(teacher="news", config=DistilConfig(steps=600)))
    assert "no transfer set" in config_problem(designed(teacher="news", config=DistilConfig(steps=10, transfer=5)))
    tokenizer = load_tokenizer()
    for task in TASKS:
        read = encode(tokenizer, task.splits["train"].spread(300), task.max_tokens).tokens
        assert fmean(map(len, read)) == pytest.approx(task.mean_tokens, rel=0.05)


def test_a_typed_count_is_right_within_half_a_percent() -> None:
    right = 17_390_594
    assert count_right(17_400_000, right)
    assert count_right(right, right)
    assert not count_right(17_500_000, right)


SIZES = some.lists(some.integers(1, 6), min_size=3, max_size=3)
ACCURACIES = some.lists(some.sampled_from([0.5, 0.7, 0.79, 0.8, 0.82]), min_size=3, max_size=3)


@CALM
@given(SIZES, ACCURACIES)
def test_the_best_trade_off_is_the_smallest_good_one_or_the_most_accurate(
    sizes: list[int], accuracies: list[float]
) -> None:
    best = best_trade_off(sizes, accuracies, 0.82, 0.03)
    good = {i for i in range(3) if round(accuracies[i], 6) >= 0.79}
    if good:
        assert best in good
        assert sizes[best] == min(sizes[i] for i in good)
    else:
        assert accuracies[best] == max(accuracies)
    assert dominator(best, sizes, accuracies) is None  # the rule never takes a dominated one


ALIKE = some.sets(some.sampled_from([frozenset(pair) for pair in ((0, 1), (0, 2), (1, 2))]))


@CALM
@given(SIZES, ACCURACIES, ALIKE)
def test_an_alternative_is_smaller_alike_and_not_dominated(
    sizes: list[int], accuracies: list[float], alike: set[frozenset[int]]
) -> None:
    best = best_trade_off(sizes, accuracies, 0.82, 0.03)
    others = defensible_alternatives(best, sizes, accuracies, alike)
    assert best not in others
    for i in {0, 1, 2} - {best}:
        defensible = sizes[i] < sizes[best] and {best, i} in alike and dominator(i, sizes, accuracies) is None
        assert (i in others) == defensible


def test_a_tenth_of_the_size_without_a_significant_difference_is_defensible() -> None:
    sizes, accuracies = [17_000_000, 2_300_000, 14_000_000], [0.809, 0.796, 0.7]
    best = best_trade_off(sizes, accuracies, 0.82, 0.02)
    assert (best, defensible_alternatives(best, sizes, accuracies, {frozenset((0, 1))})) == (0, (1,))
    assert defensible_alternatives(best, sizes, accuracies, set()) == ()


def test_if_none_is_acceptable_a_smaller_student_like_the_most_accurate_is_defensible() -> None:
    sizes, accuracies = [3, 2, 1], [0.70, 0.69, 0.5]
    best = best_trade_off(sizes, accuracies, 0.82, 0.01)
    assert (best, defensible_alternatives(best, sizes, accuracies, {frozenset((0, 1))})) == (0, (1,))


@CALM
@given(SIZES, ACCURACIES, some.integers(0, 2))
def test_who_dominates_is_no_larger_no_less_accurate_and_not_the_same(
    sizes: list[int], accuracies: list[float], choice: int
) -> None:
    better = dominator(choice, sizes, accuracies)
    candidates = {
        i
        for i in range(3)
        if (sizes[i] < sizes[choice] and accuracies[i] >= accuracies[choice])
        or (sizes[i] <= sizes[choice] and accuracies[i] > accuracies[choice])
    }
    assert (better in candidates) if candidates else better is None


def test_a_reason_has_words() -> None:
    assert words_missing("") == MIN_WORDS
    assert words_missing(" word " * MIN_WORDS) == 0
