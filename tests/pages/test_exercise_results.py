"""The exercise's results on the page, what the rule makes of them, and how long runs take before they are requested."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from labcore.data.tasks import load_task
from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_results import results_of
from labcore.runs.store import Store
from labcore.runs.test_logits import StoredLogits
from tests.shared.attempts import THREE, counted, opened, ran
from tests.shared.pages import all_words, charts
from tests.shared.runs import finished, seeded
from ui.shell import server

LABELS = torch.tensor(load_task("reviews").splits["test"].labels)


def logits(wrong: range) -> StoredLogits:
    """Logits of a student that is wrong on these of the test examples, and right on all others."""
    predicted = LABELS.clone()
    predicted[list(wrong)] = 1 - predicted[list(wrong)]
    student = torch.nn.functional.one_hot(predicted, 2).float()
    return StoredLogits(student, student.clone(), LABELS)


def with_logits(attempt: Attempt, wrong: tuple[range, range, range]) -> Attempt:
    """The attempt with stored predictions: each student is wrong on these of the test examples."""
    store = Store()
    results = results_of(attempt, store.runs())
    assert results is not None
    for student, examples in zip(results.students, wrong, strict=True):
        store.save_logits(student.runs[0], logits(examples))
    return attempt


def walked(second_wrong: range) -> Attempt:
    """B is the rule's choice among A, B and C with 82, 82 and 80 % if the acceptable loss is 2 points; C is smaller."""
    attempt = replace(ran((0.82, 0.82, 0.8)), acceptable_loss=0.02, prediction=2)
    return with_logits(attempt, (range(200), range(200), second_wrong))


def test_a_smaller_student_without_a_significant_difference_is_defensible_and_a_prediction_of_it_holds() -> None:
    test = opened(walked(range(100, 310)))
    assert "Your prediction, C, is defensible" in all_words(test)
    assert "C is smaller, without a significant difference from B: both are defensible." in all_words(test)
    assert "No significant difference between B and C" in all_words(test)


def test_a_significant_difference_leaves_one() -> None:
    test = opened(walked(range(100, 400)))
    assert "You predicted C; B is the best trade-off." in all_words(test)
    assert "defensible." not in all_words(test)


def test_a_seed_that_only_somebody_else_has_run_changes_no_verdict() -> None:
    attempt, store = walked(range(100, 310)), Store()
    runs = [finished(attempt.spec(slot, seed=1), 0.7) for slot in (1, 2)]
    for run_id, wrong in zip(runs, (range(0), range(500)), strict=True):
        store.save_logits(run_id, logits(wrong))
    words = all_words(opened(attempt))
    assert "No significant difference between B and C**: " in words
    assert "over the seeds" not in words


def test_chance_is_in_chart_and_table() -> None:
    test = opened(ran((0.82, 0.81, 0.5)))
    table = test.dataframe[-1].value.set_index("model")
    assert table["retention"]["C"].endswith("(no better than chance)")
    assert table["test accuracy"]["chance"].startswith("5")
    figure = charts(test)["exercise-frontier"]["figure"]
    assert any(line["name"].startswith("chance, ") for line in figure["layout"]["shapes"])


def test_the_time_is_estimated_before_the_runs_and_names_its_basis() -> None:
    attempt = counted().with_prediction(0)
    test = opened(attempt)
    assert "These 3 runs take about" in all_words(test)
    assert "because this machine has no earlier run" in all_words(test)
    finished(replace(attempt.specs[0], steps=(*THREE[0],), distil=replace(attempt.config, seed=7)))
    test = opened(attempt)
    assert "based on earlier runs on this machine" in all_words(test)


def test_the_queue_before_them_is_in_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(server.jobs()), "ahead", lambda self, runs, owner: [seeded(1), seeded(2)])
    test = opened(counted().with_prediction(0))
    assert "and before that 2 runs in the queue take about" in all_words(test)
