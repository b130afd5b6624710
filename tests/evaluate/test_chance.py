"""Chance: the share of the most frequent label, and whose interval lies above it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labcore.evaluate.chance import above_chance, chance_accuracy


@given(some.lists(some.integers(0, 4), min_size=1, max_size=60))
def test_chance_is_the_best_accuracy_of_a_constant_prediction(labels: list[int]) -> None:
    constant = [sum(label == always for label in labels) / len(labels) for always in range(5)]
    assert chance_accuracy(labels) == max(constant)


def test_without_examples_there_is_no_chance() -> None:
    with pytest.raises(ValueError, match="at least one example"):
        chance_accuracy([])


def test_a_few_points_above_chance_are_chance_on_few_examples() -> None:
    assert not above_chance(0.55, 0.5, 100)  # ± 9.8 points
    assert above_chance(0.55, 0.5, 2000)  # ± 2.2 points
    assert not above_chance(0.4, 0.5, 2000)
    assert not above_chance(1.0, 0.5, 2)  # two of two prove nothing: from 34 %
    assert above_chance(1.0, 0.5, 10)
