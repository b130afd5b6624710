"""Lower anchors: the majority class from a confusion matrix, and the models without an encoder that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.anchors import anchors
from labcore.config.spec import Spec
from labcore.data.tasks import load_task
from labcore.evaluate import reference
from labcore.evaluate.against_teacher import evaluate
from labcore.evaluate.chance import chance_accuracy
from labcore.evaluate.lower_anchors import (
    FILE,
    ShippedAnchors,
    anchor_key,
    evaluated,
    majority_quality,
    shipped_anchors,
    write_anchors,
)
from labcore.evaluate.metrics import accuracy, agreement
from labcore.teacher.built_in import TEACHERS
from labcore.teacher.identity import identity_of
from labcore.teacher.task_of import task_of
from tests.shared.evaluations import ANCHOR
from tests.shared.runs import finished_run

SHIPPED = Path(reference.__file__).parent / "reference_results"


@given(st.data(), st.integers(2, 4), st.integers(1, 30))
def test_the_majority_class_is_that_of_the_labels(data: st.DataObject, classes: int, examples: int) -> None:
    draw = st.lists(st.integers(0, classes - 1), min_size=examples, max_size=examples)
    labels, teachers = torch.tensor(data.draw(draw)), torch.tensor(data.draw(draw))
    logits = torch.nn.functional.one_hot(teachers, classes).double()
    compared = evaluate(logits, logits, labels)
    most = chance_accuracy(labels.tolist())
    assert majority_quality(compared, "accuracy") == pytest.approx(most)
    right = accuracy(logits, labels)
    assert majority_quality(compared, "retention") == (pytest.approx(most / right) if right else None)
    constant = torch.nn.functional.one_hot(labels.bincount(minlength=classes).argmax().repeat(examples), classes)
    assert majority_quality(compared, "agreement") == pytest.approx(agreement(constant.double(), logits))
    assert majority_quality(compared, "loyalty") is None


def test_runs_of_an_earlier_version_have_no_evaluation() -> None:
    assert evaluated([finished_run("1", Spec(), 0.7)]) is None


def test_results_are_read_as_they_were_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shipped_anchors().results == {}  # none are there
    key = anchor_key("a" * 64, "reviews")
    (tmp_path / "there").mkdir()
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "there")
    write_anchors(ShippedAnchors("here, today", {key: ANCHOR}), tmp_path / "there" / FILE)
    assert shipped_anchors() == ShippedAnchors("here, today", {key: ANCHOR})


def test_each_teacher_of_the_lab_has_one_for_its_files_and_its_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "FOLDER", SHIPPED)
    for teacher in TEACHERS:
        task = task_of(teacher)
        assert task is not None
        result = shipped_anchors().results[anchor_key(identity_of(teacher), task)]
        assert result.accuracy > chance_accuracy(load_task(task).splits["test"].labels)
        table, head = result.counts.parts["embeddings"], result.counts.parts["classifier"]
        assert result.counts.total == table + head == 30522 * 384 + (384 + 1) * len(load_task(task).label_names)
        assert result.counts.cost is not None
        assert result.counts.cost.macs == 384 * len(load_task(task).label_names)
        assert result.counts.cost.bytes["fp32"] == 4 * result.counts.total


@pytest.mark.full
def test_the_shipped_results_are_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "FOLDER", SHIPPED)
    shipped = shipped_anchors().results
    again = anchors()
    assert again.keys() == shipped.keys()
    for key, result in again.items():
        assert result.counts == shipped[key].counts
        examples = len(load_task(key.task).splits["test"])
        for name in ("accuracy", "agreement", "teacher_accuracy"):  # another processor may round one example away
            assert getattr(result, name) == pytest.approx(getattr(shipped[key], name), abs=2.5 / examples)
        assert result.probability_loyalty == pytest.approx(shipped[key].probability_loyalty, abs=1e-3)
