"""How probable it is that a student is the best of several, by a paired bootstrap over test examples and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labcore.evaluate.significance import RESAMPLES, Right

BATCH = 500  # resamples at once
EXACT = 1e-9  # an accuracy at the target is within


@dataclass(frozen=True)
class Contender:
    """A student design. right: for each seed, which test examples it predicts correctly, (N,) each."""

    size: float
    right: tuple[Right, ...]


@dataclass(frozen=True)
class Probabilities:
    """Of each contender, in their order. best: the fraction of resamples in which it is the best.

    within: the fraction in which it is within the distance from the teacher; 1 without a distance.
    """

    best: tuple[float, ...]
    within: tuple[float, ...]


def probabilities(
    contenders: Sequence[Contender], teacher: Right, within: float | None, seed: int = 0, resamples: int = RESAMPLES
) -> Probabilities:
    """Each resample draws N examples for all, and for each design as many of its seeds as it has, with replacement.

    teacher: the examples that it predicts correctly, (N,). within: points of accuracy; then the smallest design within
    this distance is the best, the more accurate of equal sizes. None: the most accurate is, the smaller of equal ones.
    A design with one seed has no spread over seeds here, so its probability is too sure.
    Efron and Tibshirani, 1993.
    """
    generator = np.random.default_rng(seed)
    n = len(teacher)
    best, inside = np.zeros(len(contenders)), np.zeros(len(contenders))
    for start in range(0, resamples, BATCH):
        rows = min(BATCH, resamples - start)
        weights = generator.multinomial(n, np.full(n, 1 / n), rows) / n  # (rows, N)
        columns = [_accuracy(each, weights, generator) for each in contenders]
        accuracies = np.stack(columns, 1)  # (rows, contenders)
        target = weights @ teacher - (within or 0.0) / 100
        is_within = accuracies >= target[:, None] - EXACT if within is not None else np.ones_like(accuracies, bool)
        inside += is_within.sum(0)
        chosen = _chosen(accuracies, is_within, np.array([each.size for each in contenders]), within)
        best += np.bincount(chosen[chosen >= 0], minlength=len(contenders))
    return Probabilities(tuple(map(float, best / resamples)), tuple(map(float, inside / resamples)))


def _accuracy(
    contender: Contender, weights: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """A design's mean accuracy over its resampled seeds in each resample, (rows,)."""
    seeds = len(contender.right)
    by_seed = weights @ np.stack(contender.right, 1)  # (rows, seeds)
    drawn = generator.multinomial(seeds, np.full(seeds, 1 / seeds), len(weights)) / seeds
    return np.asarray((by_seed * drawn).sum(1))


def _chosen(
    accuracies: NDArray[np.float64], within: NDArray[np.bool_], sizes: NDArray[np.float64], distance: float | None
) -> NDArray[np.int_]:
    """The place of the best contender in each resample; -1 if none is within the distance."""
    first, second = (accuracies, -sizes[None, :]) if distance is None else (-sizes[None, :], accuracies)
    leading = np.where(within, first, -np.inf)
    ahead = within & (leading >= leading.max(1, keepdims=True) - EXACT)
    return np.where(within.any(1), np.where(ahead, second, -np.inf).argmax(1), -1)
