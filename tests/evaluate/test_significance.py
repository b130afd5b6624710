"""Significance by hand, against tables, and by what must hold whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from labcore.evaluate.significance import SIGNIFICANCE_LEVEL, grouped, is_significant, over_seeds, paired
from labcore.results.evaluation import MeanDifference, Pair, SeedMean


def right(*runs: tuple[int, bool]) -> np.ndarray:
    return np.concatenate([np.full(n, value) for n, value in runs])


@pytest.mark.parametrize(("only_first", "only_second"), [(9, 1), (5, 5), (0, 6), (1, 0), (3, 12)])
def test_mcnemar_is_a_binomial_by_hand(only_first: int, only_second: int) -> None:
    first = right((20, True), (only_first, True), (only_second, False), (4, False))
    second = right((20, True), (only_first, False), (only_second, True), (4, False))
    computed = paired(first, second)
    assert (computed.both, computed.only_first, computed.only_second, computed.neither) == (
        20,
        only_first,
        only_second,
        4,
    )
    n, fewer = only_first + only_second, min(only_first, only_second)
    assert computed.p == pytest.approx(min(1.0, 2 * sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n))
    assert computed.difference == pytest.approx((only_first - only_second) / (24 + n))
    assert computed.low <= computed.difference <= computed.high


def test_the_same_predictions_have_no_significant_difference() -> None:
    same = right((5, True), (3, False))
    computed = paired(same, same)
    assert (computed.p, computed.difference, computed.low, computed.high) == (1.0, 0.0, 0.0, 0.0)


def test_the_bootstrap_is_near_the_normal_interval_and_the_same_each_time() -> None:
    generator = np.random.default_rng(3)
    first, second = generator.random(1000) < 0.8, generator.random(1000) < 0.74
    computed = paired(first, second)
    gap = first.astype(float) - second.astype(float)
    half = norm.ppf(0.975) * gap.std(ddof=1) / math.sqrt(1000)
    assert (computed.low, computed.high) == pytest.approx((gap.mean() - half, gap.mean() + half), abs=0.002)
    assert (computed.low > 0) == (computed.p < 0.05)
    assert computed == paired(first, second)
    assert paired(second, first).p == computed.p


def test_pairing_sees_what_two_accuracies_can_not() -> None:
    """Two points apart on 1,000 examples is within chance, but not where one is right wherever the other is."""
    better = right((820, True), (180, False))
    assert paired(better, right((800, True), (200, False))).p < 0.001
    assert paired(better, right((10, False), (180, True), (180, False), (620, True), (10, False))).p > 0.05


def test_groups_of_seeds_are_means() -> None:
    first = [right((6, True), (4, False)), right((8, True), (2, False))]
    second = [right((5, True), (5, False))]
    computed = grouped(first, second)
    assert computed.difference == pytest.approx(0.7 - 0.5)
    assert computed.low <= computed.difference <= computed.high
    one = grouped(first[:1], second)
    pair = paired(first[0], second[0])
    assert (one.difference, one.low, one.high) == (pair.difference, pair.low, pair.high)


def test_seeds_interval_by_hand() -> None:
    computed = over_seeds([0.80, 0.82, 0.87])
    assert (computed.n, computed.mean) == (3, pytest.approx(0.83))
    spread = math.sqrt((0.03**2 + 0.01**2 + 0.04**2) / 2)
    assert computed.half == pytest.approx(4.302653 * spread / math.sqrt(3), rel=1e-6)  # t of 2 degrees, from a table
    assert over_seeds([0.8]).half is None
    assert over_seeds([0.8, 0.8]).half == 0


@pytest.mark.parametrize(
    ("p", "significant"), [(SIGNIFICANCE_LEVEL, False), (SIGNIFICANCE_LEVEL - 1e-6, True), (1.0, False)]
)
def test_a_pair_differs_significantly_by_its_p_value(p: float, significant: bool) -> None:
    pair = Pair(both=1, only_first=1, only_second=6, neither=0, p=p, difference=-0.5, low=-0.9, high=-0.1)
    assert is_significant(pair) == significant


@pytest.mark.parametrize(
    ("compared", "significant"),
    [
        (MeanDifference(0.02, 0.01, 0.03), True),
        (MeanDifference(-0.02, -0.03, -0.01), True),
        (MeanDifference(0.02, 0.0, 0.04), False),
        (SeedMean(3, -0.02, 0.01), True),
        (SeedMean(3, 0.01, 0.01), False),
        (SeedMean(1, 0.5, None), False),
    ],
)
def test_other_differences_are_significant_if_their_interval_excludes_0(
    compared: MeanDifference | SeedMean, significant: bool
) -> None:
    assert is_significant(compared) == significant
