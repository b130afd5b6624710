"""Chance: the accuracy of a model that always predicts the most frequent label, and who does better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from labcore.results.accuracy_error import accuracy_interval


def chance_accuracy(labels: Sequence[int]) -> float:
    """The fraction of the examples that have the most frequent label. Raises ValueError if there is no example."""
    if not labels:
        raise ValueError("no labels: give those of at least one example")
    return max(Counter(labels).values()) / len(labels)


def above_chance(accuracy: float, chance: float, examples: int) -> bool:
    """Whether the 95 % interval of an accuracy over *n* examples lies above `chance`, both as fractions."""
    return accuracy_interval(accuracy, examples)[0] > chance
