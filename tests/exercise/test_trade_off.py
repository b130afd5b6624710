"""Which students are as defensible as the rule's choice, by their paired tests."""

from __future__ import annotations

from dataclasses import replace

from labcore.exercise.attempt_results import AttemptResults, StudentResults, best_slot
from labcore.exercise.student_pairs import StudentPair
from labcore.exercise.trade_off import alternatives, is_different
from labcore.results.evaluation import MeanDifference, Pair, PairedComparison, SeedMean
from labcore.views.exercise.attempt_tables import prediction_in_words, student_pair_in_words
from tests.shared.attempts import designed

TEACHER = 22_000_000
ONE = SeedMean(1, 0.8, None)


def results(*students: tuple[int, float]) -> AttemptResults:
    """Results of three students with these parameters and accuracies, and of a teacher at 82 %."""
    rows = [
        StudentResults(parameters=size, accuracy=accuracy, agreement=0.9, retention=accuracy / 0.82, runs=("r",))
        for size, accuracy in students
    ]
    return AttemptResults(TEACHER, 0.82, tuple(rows))


def pair(first: str, second: str, p: float, mean: MeanDifference | None = None) -> StudentPair:
    test = Pair(both=800, only_first=60, only_second=50, neither=90, p=p, difference=0.01, low=-0.01, high=0.03)
    return StudentPair(first, second, PairedComparison(pair=test, first=ONE, second=ONE, mean_difference=mean))


WALKED = results((14_000_000, 0.7), (2_300_000, 0.796), (17_000_000, 0.809))  # what WALK.md saw: C "best", B a tenth


def test_a_smaller_student_without_a_significant_difference_is_as_defensible() -> None:
    attempt = designed(acceptable_loss=0.02, prediction=1)
    assert best_slot(attempt, WALKED) == 2
    assert alternatives(attempt, WALKED, [pair("B", "C", 0.21)]) == (1,)
    assert alternatives(attempt, WALKED, [pair("B", "C", 0.01)]) == ()
    assert alternatives(attempt, WALKED, []) == ()  # nothing shows that they are alike


def test_a_larger_student_is_no_alternative() -> None:
    attempt = designed(acceptable_loss=0.03)
    assert best_slot(attempt, WALKED) == 1
    assert alternatives(attempt, WALKED, [pair("B", "C", 0.21)]) == ()


def test_several_seeds_decide_together() -> None:
    apart, alike = MeanDifference(0.013, 0.004, 0.02), MeanDifference(0.013, -0.004, 0.03)
    assert is_different(pair("B", "C", 0.9, apart))
    assert not is_different(pair("B", "C", 0.001, alike))
    assert "**Significant difference between B and C** over the seeds" in student_pair_in_words(
        pair("B", "C", 1, apart)
    )


def test_the_words_name_both_and_a_prediction_of_either_holds() -> None:
    attempt = designed(acceptable_loss=0.02, prediction=1)
    both = "B is smaller, without a significant difference from C: both are defensible."
    assert both in prediction_in_words(attempt, WALKED, (1,))
    assert "Your prediction, B, is defensible" in prediction_in_words(attempt, WALKED, (1,))
    assert "You predicted B; C is the best" in prediction_in_words(attempt, WALKED)
    assert "Your prediction held" in prediction_in_words(replace(attempt, prediction=2), WALKED, (1,))
    assert "You predicted A; C is the best" in prediction_in_words(replace(attempt, prediction=0), WALKED, (1,))


def test_if_none_is_acceptable_the_words_say_so_and_name_who_is_alike() -> None:
    attempt = designed(acceptable_loss=0.01, prediction=0)
    words = prediction_in_words(attempt, WALKED, alternatives(attempt, WALKED, [pair("B", "C", 0.21)]))
    assert "It is the most accurate, because none is within 1 point of its teacher" in words
    assert "B is smaller, without a significant difference from C" in words
