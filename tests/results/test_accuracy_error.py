"""The interval of an accuracy: Wilson's, as scipy computes it, and never of width 0."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from labcore.results.accuracy_error import accuracy_interval, half_interval, standard_error


@given(some.integers(1, 5000).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n))))
def test_the_interval_is_wilsons(counts: tuple[int, int]) -> None:
    right, examples = counts
    low, high = accuracy_interval(right / examples, examples)
    expected = stats.binomtest(right, examples).proportion_ci(0.95, "wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-4)  # 1.96 is rounded
    assert half_interval(right / examples, examples) == pytest.approx((expected.high - expected.low) / 2, abs=1e-4)


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_no_accuracy_is_certain(accuracy: float) -> None:
    assert standard_error(accuracy, 100) == pytest.approx(0.0094, abs=1e-4)
    low, high = accuracy_interval(accuracy, 100)
    assert high - low == pytest.approx(0.037, abs=1e-3)
    assert 0 <= low < high <= 1


@pytest.mark.parametrize("accuracy", [0.5, 0.7, 0.84, 0.9])
def test_it_is_the_normal_approximation_to_a_tenth_of_a_point(accuracy: float) -> None:
    normal = (accuracy * (1 - accuracy) / 765) ** 0.5
    assert standard_error(accuracy, 765) == pytest.approx(normal, abs=1e-4)


def test_without_examples_nothing_is_known() -> None:
    assert accuracy_interval(0.7, 0) == (0.0, 1.0)
    assert half_interval(0.7, 0) == 0.5
