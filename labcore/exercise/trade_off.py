"""Which students of an attempt can be defended as the best trade-off: the rule's, and those that tests find alike."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.evaluate.significance import is_significant
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, best_slot
from labcore.exercise.rules import defensible_alternatives
from labcore.exercise.student_pairs import StudentPair


def alternatives(attempt: Attempt, results: AttemptResults, pairs: Sequence[StudentPair]) -> tuple[int, ...]:
    """The slots that are as defensible as `best_slot`: smaller, without a significant difference from it.

    A pair that is not among `pairs` counts as different, because nothing shows that it is not.
    """
    alike = {frozenset(map(SLOTS.index, (pair.first, pair.second))) for pair in pairs if not is_different(pair)}
    return defensible_alternatives(best_slot(attempt, results), results.sizes, results.accuracies, alike)


def is_different(pair: StudentPair) -> bool:
    """Whether two students differ significantly: over all seeds if there are several, else by McNemar's test."""
    return is_significant(pair.comparison.mean_difference or pair.comparison.pair)
