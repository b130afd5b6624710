"""The probability of being the best, against all resamples of a few examples, and in cases that are certain."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from labcore.evaluate.significance import Right
from labcore.search.smallest_probability import Contender, Probabilities, probabilities


def right(text: str) -> Right:
    return np.array([each == "1" for each in text])


def by_brute_force(contenders: list[Contender], teacher: Right, within: float | None) -> Probabilities:
    """Every resample of the examples with every resample of each design's seeds, all equally probable."""
    n, best, inside, total = len(teacher), [0.0] * len(contenders), [0.0] * len(contenders), 0
    seeds = [list(product(range(len(each.right)), repeat=len(each.right))) for each in contenders]
    for drawn in product(range(n), repeat=n):
        rows = list(drawn)
        for chosen in product(*seeds):
            total += 1
            accuracies = [
                float(np.mean([each.right[seed][rows].mean() for seed in of_each]))
                for each, of_each in zip(contenders, chosen, strict=True)
            ]
            target = -1.0 if within is None else float(teacher[rows].mean()) - within / 100
            allowed = [i for i, value in enumerate(accuracies) if value >= target - 1e-9]
            for i in allowed:
                inside[i] += 1
            sizes = [each.size for each in contenders]
            if within is None:
                order = sorted(allowed, key=lambda i: (-round(accuracies[i], 9), sizes[i], i))
            else:
                order = sorted(allowed, key=lambda i: (sizes[i], -round(accuracies[i], 9), i))
            if order:
                best[order[0]] += 1
    return Probabilities(tuple(each / total for each in best), tuple(each / total for each in inside))


@pytest.mark.parametrize("within", [None, 0.0, 20.0])
def test_probabilities_are_those_of_all_resamples(within: float | None) -> None:
    teacher = right("1101")
    contenders = [
        Contender(10.0, (right("1100"), right("0101"))),
        Contender(20.0, (right("1101"),)),
        Contender(20.0, (right("1011"), right("1111"))),
    ]
    exact = by_brute_force(contenders, teacher, within)
    drawn = probabilities(contenders, teacher, within, resamples=40_000)
    assert drawn.best == pytest.approx(exact.best, abs=0.012)
    assert drawn.within == pytest.approx(exact.within, abs=0.012)
    assert 0.05 < exact.best[0] < 0.95


def test_a_student_that_equals_its_teacher_is_certainly_within_any_distance() -> None:
    teacher = right("1101010111")
    result = probabilities([Contender(5.0, (teacher,)), Contender(9.0, (teacher,))], teacher, 0.0)
    assert result == Probabilities((1.0, 0.0), (1.0, 1.0))


def test_one_that_is_always_wrong_is_never_within() -> None:
    teacher = right("1111111111")
    result = probabilities([Contender(5.0, (~teacher,)), Contender(9.0, (teacher,))], teacher, 10.0)
    assert result == Probabilities((0.0, 1.0), (0.0, 1.0))


def test_equal_seeds_of_the_generator_draw_equal_resamples() -> None:
    teacher, contenders = right("11010111"), [Contender(5.0, (right("11010010"),))]
    assert probabilities(contenders, teacher, 5.0, seed=3) == probabilities(contenders, teacher, 5.0, seed=3)
