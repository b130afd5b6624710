"""Whether one student is better than another on the same sentences, or chance can't be ruled out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from labcore.results.evaluation import Groups, Pair, Seeds

CONFIDENCE = 0.95
RESAMPLES = 9999
Right = NDArray[np.bool_]  # (N,): whether each sentence was answered rightly


def paired(first: Right, second: Right, seed: int = 0) -> Pair:
    """Two students' right and wrong answers (N,) to the same sentences, compared.

    p is McNemar's exact test: of the sentences that only one got right, how many each had, against a fair coin
    (McNemar, 1947, https://doi.org/10.1007/BF02295996). Accuracies alone would waste that the sentences are the same.
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_first + only_second
    p = float(stats.binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0
    groups = grouped([first], [second], seed)
    both = int((first & second).sum())
    neither = len(first) - both - discordant
    return Pair(both=both, only_first=only_first, only_second=only_second, neither=neither, p=p, difference=groups.difference, low=groups.low, high=groups.high)


def grouped(first: Sequence[Right], second: Sequence[Right], seed: int = 0) -> Groups:
    """The difference of two designs' mean accuracies over their seeds, each seed's answers (N,) to the same sentences.

    The interval is a paired bootstrap over sentences: each resample draws the same sentences for both (Efron and
    Tibshirani, 1993, the percentile interval). It holds the seeds fixed: their own spread is `over_seeds`.
    """
    ours, theirs = (np.mean(np.stack(group), axis=0, dtype=np.float64) for group in (first, second))  # (N,) each
    found = stats.bootstrap(
        (ours, theirs),
        _mean_difference,
        paired=True,
        vectorized=True,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        batch=500,  # all at once would take N × 9,999 numbers
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Groups(float(np.mean(ours - theirs)), float(found.low), float(found.high))


def over_seeds(values: Sequence[float]) -> Seeds:
    """The mean of several seeds' accuracies with its 95 % interval: mean ± t · s / √n, Student's t with n − 1 degrees.

    Student, 1908, https://doi.org/10.1093/biomet/6.1.1
    """
    n = len(values)
    if n < 2:
        return Seeds(n, float(np.mean(values)), None)
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1))
    return Seeds(n, float(np.mean(values)), quantile * float(np.std(values, ddof=1)) / math.sqrt(n))


def _mean_difference(ours: NDArray[Any], theirs: NDArray[Any], axis: int) -> NDArray[Any]:
    return np.asarray(np.mean(ours - theirs, axis=axis))
