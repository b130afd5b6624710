"""Whether one student is better than another on the same examples, and how much an accuracy varies over seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from labcore.results.evaluation import ErrorOverlap, MeanDifference, Pair, SeedMean

SIGNIFICANCE_LEVEL = 0.05  # of a p value: below it a difference is significant
CONFIDENCE = 0.95  # of each interval
RESAMPLES = 9999
Right = NDArray[np.bool_]  # (N,): which examples were predicted correctly


def paired(first: Right, second: Right, seed: int = 0) -> Pair:
    """Compare two students that predicted the same examples; which of them each got right, (N,).

    p is that of `mcnemar`. Two accuracies would ignore that the examples are the same.
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_first + only_second
    groups = grouped([first], [second], seed)
    both = int((first & second).sum())
    return Pair(
        both=both,
        only_first=only_first,
        only_second=only_second,
        neither=len(first) - both - discordant,
        p=mcnemar(only_first, only_second),
        difference=groups.difference,
        low=groups.low,
        high=groups.high,
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """The p value of McNemar's exact test: of the examples that only one got right, each one's number against a coin.

    McNemar, 1947, https://doi.org/10.1007/BF02295996
    """
    discordant = only_first + only_second
    return float(stats.binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0


def exceeds_teacher(overlap: ErrorOverlap) -> bool:
    """Whether a student got significantly more test examples right than its teacher."""
    return overlap.corrected > overlap.new and mcnemar(overlap.corrected, overlap.new) < SIGNIFICANCE_LEVEL


def grouped(first: Sequence[Right], second: Sequence[Right], seed: int = 0) -> MeanDifference:
    """The difference of two designs' mean accuracies over their seeds; for each seed, what it got right, (N,).

    The interval is a paired bootstrap over examples: each resample draws the same examples for both (Efron and
    Tibshirani, 1993, the percentile interval). It holds the seeds fixed: their own spread is `over_seeds`.
    """
    firsts, seconds = (np.mean(np.stack(group), axis=0, dtype=np.float64) for group in (first, second))  # (N,) each
    interval = stats.bootstrap(
        (firsts, seconds),
        _mean_difference,
        paired=True,
        vectorized=True,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        batch=500,  # all at once would take N × 9,999 numbers
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return MeanDifference(float(np.mean(firsts - seconds)), float(interval.low), float(interval.high))


def over_seeds(values: Sequence[float]) -> SeedMean:
    """The mean over several seeds with its 95 % interval: mean ± t · s / √n, Student's t with n − 1 degrees.

    Student, 1908, https://doi.org/10.1093/biomet/6.1.1
    """
    n = len(values)
    if n < 2:
        return SeedMean(n, float(np.mean(values)), None)
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1))
    return SeedMean(n, float(np.mean(values)), quantile * float(np.std(values, ddof=1)) / math.sqrt(n))


def paired_difference(first: Sequence[float], second: Sequence[float]) -> SeedMean:
    """The mean difference of two designs, seed by seed, in the same order; `first` minus `second`."""
    return over_seeds([one - other for one, other in zip(first, second, strict=True)])


def is_significant(compared: Pair | MeanDifference | SeedMean) -> bool:
    """Whether a difference is significant: by the p value of a pair, else because its interval excludes 0."""
    if isinstance(compared, Pair):
        return compared.p < SIGNIFICANCE_LEVEL
    if isinstance(compared, MeanDifference):
        return not compared.low <= 0 <= compared.high
    return compared.half is not None and abs(compared.mean) > compared.half


def error_rate_interval(wrong: int, verdicts: int) -> tuple[float, float]:
    """The exact 95 % interval of an error rate (Clopper and Pearson, 1934); from 0 to 1 without any verdict.

    It takes the verdicts as independent. https://doi.org/10.1093/biomet/26.4.404
    """
    if verdicts == 0:
        return 0.0, 1.0
    interval = stats.binomtest(wrong, verdicts).proportion_ci(CONFIDENCE, "exact")
    return float(interval.low), float(interval.high)


def _mean_difference(first: NDArray[Any], second: NDArray[Any], axis: int) -> NDArray[Any]:
    return np.asarray(np.mean(first - second, axis=axis))
