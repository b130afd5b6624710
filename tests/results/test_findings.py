"""The rules by which a training that did not help is a finding, and what a student's card says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from transformers import BertForSequenceClassification

from labcore.compress.student_card import card
from labcore.config.spec import Spec
from labcore.models.structure import structure_of
from labcore.results.counts import Comparison, Counts
from labcore.results.evaluation import ConfidenceCalibration, ErrorOverlap, Evaluation
from labcore.results.events import Finished, event_from_dict, event_to_dict
from labcore.results.findings import Finding, TermCounts, findings_of_test, findings_of_training, never_improved
from labcore.views.finding_notes import findings_of
from tests.shared.findings import kinds

CALIBRATION = ConfidenceCalibration(0.0, (), (), ())


def evaluation(student: list[list[int]], teacher: list[list[int]]) -> Evaluation:
    return Evaluation(
        probability_loyalty=1.0,
        error_overlap=ErrorOverlap(kept=0, new=0, corrected=0, inherited=0, other=0),
        student_calibration=CALIBRATION,
        teacher_calibration=CALIBRATION,
        student_confusion=tuple(map(tuple, student)),
        teacher_confusion=tuple(map(tuple, teacher)),
        most_divergent=(),
    )


def test_the_untrained_student_as_the_best_checkpoint_is_a_finding() -> None:
    assert kinds(findings_of_training(0, 4, TermCounts())) == {"never improved"}
    assert findings_of_training(7, 4, TermCounts()) == ()
    assert "4 later checkpoints" in findings_of_training(0, 4, TermCounts())[0].words
    assert never_improved(findings_of_training(0, 1, TermCounts()))


@pytest.mark.parametrize(
    ("best", "at_once", "expected"),
    [
        ((0.55, 0.7), (0.90, 0.3), True),
        ((0.90, 0.3), (0.90, 0.3), True),  # equal is not better, as for the best checkpoint
        ((0.90, 0.4), (0.90, 0.3), True),
        ((0.90, 0.2), (0.90, 0.3), False),
        ((0.91, 0.9), (0.90, 0.3), False),
    ],
)
def test_a_gradual_pruning_is_compared_with_one_at_once(
    best: tuple[float, float], at_once: tuple[float, float], expected: bool
) -> None:
    findings = findings_of_training(7, 4, TermCounts(), best, at_once)
    assert kinds(findings) == ({"no better than untrained"} if expected else set())
    assert not never_improved(findings)
    assert ("loss" in findings[0].words if expected else False) == (expected and best[0] == at_once[0])


@pytest.mark.parametrize(
    ("valued", "weight", "kind"),
    [
        (0, 1.0, {"term without value"}),
        (5, 1.0, {"term in few steps"}),
        (9, 1.0, set()),
        (10, 1.0, set()),
        (0, 0.0, set()),
    ],
)
def test_a_term_that_counts_and_has_no_value_is_a_finding(valued: int, weight: float, kind: set[str]) -> None:
    terms = TermCounts()
    for step in range(10):
        terms.add({"relation": weight, "soft": 1.0}, {"soft": 0.2} | ({"relation": 0.1} if step < valued else {}))
    assert kinds(findings_of_training(3, 4, terms)) == kind
    if valued == 5:
        assert "50 % of the steps" in findings_of_training(3, 4, terms)[0].words


@pytest.mark.parametrize(
    ("student", "teacher", "kind"),
    [
        ([[5, 1], [1, 3]], [[6, 0], [0, 4]], set()),
        ([[6, 0], [4, 0]], [[6, 0], [0, 4]], {"one class", "not above majority"}),
        ([[0, 6], [0, 4]], [[6, 0], [0, 4]], {"one class", "not above majority"}),
        ([[5, 1], [3, 1]], [[6, 0], [0, 4]], {"not above majority"}),  # 6 of 10, as always naming the first
        ([[5, 1], [2, 2]], [[6, 0], [4, 0]], {"teacher not above majority"}),
        ([[1, 5], [4, 0]], [[0, 6], [4, 0]], {"not above majority", "teacher not above majority"}),
        ([[3, 0, 0], [0, 3, 0], [1, 0, 2]], [[3, 0, 0], [0, 3, 0], [0, 0, 3]], set()),
    ],
)
def test_confusion_matrices_say_what_accuracy_does_not(
    student: list[list[int]], teacher: list[list[int]], kind: set[str]
) -> None:
    assert kinds(findings_of_test(evaluation(student, teacher))) == kind


def test_an_earlier_versions_run_is_read_and_its_matrices_are_asked() -> None:
    old = Finished(
        run="x", teacher_accuracy=0.6, accuracy=0.6, agreement=1.0, counts={}, seconds=1.0, examples_per_second=1.0
    )
    data = event_to_dict(old)
    data.pop("findings", None)
    assert event_from_dict(data) == old
    assert findings_of(old) == ()
    assert kinds(findings_of(replace(old, evaluation=evaluation([[6, 0], [4, 0]], [[6, 0], [0, 4]])))) == {
        "one class",
        "not above majority",
    }


def test_the_card_of_a_trained_student_says_how(tiny: BertForSequenceClassification) -> None:
    counts = Counts(
        total=10,
        nonzero=8,
        parts={"embeddings": 4, "encoder": 4, "pooler": 1, "classifier": 1},
        layers=(2, 2),
        hidden=2,
        layers_nonzero=(1, 1),
    )
    words = card(Spec(), Comparison(counts, counts), structure_of(tiny), {"accuracy": 0.8})
    assert "distilled by it" in words
    note = Finding("one class", "Always the same.")
    words = card(Spec(), Comparison(counts, counts), structure_of(tiny), {"accuracy": 0.8}, [note])
    assert words.index("> **Note.** Always the same.") < words.index("accuracy: 80.00 %")
