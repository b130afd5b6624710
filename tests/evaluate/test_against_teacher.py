"""The evaluation by hand, against SciPy, and by what must hold whatever the numbers."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from torch import Tensor

from labcore.config.spec import Spec
from labcore.evaluate.against_teacher import (
    calibration,
    confusion,
    divergence,
    error_overlap,
    evaluate,
    most_divergent,
    probability_loyalty,
)
from labcore.evaluate.metrics import accuracy, agreement
from labcore.results.evaluation import ErrorOverlap, Evaluation
from labcore.results.events import Finished, event_from_dict, event_to_dict
from labcore.results.json_keys import to_json
from labcore.runs.store import Store
from labcore.runs.test_logits import StoredLogits
from tests.shared.old_runs import write_old_run
from tests.shared.runs import EVENTS, FINISHED, PAIR, logits_file

logit = st.floats(-30, 30, width=32)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Tensor, Tensor, Tensor]:
    """Student and teacher logits (N, C) and labels (N,)."""
    n, classes = draw(st.integers(1, 12)), draw(st.integers(2, 5))
    rows = st.lists(st.lists(logit, min_size=classes, max_size=classes), min_size=n, max_size=n)
    labels = st.lists(st.integers(0, classes - 1), min_size=n, max_size=n)
    return torch.tensor(draw(rows)), torch.tensor(draw(rows)), torch.tensor(draw(labels))


def logits_of(probabilities: list[list[float]]) -> Tensor:
    return torch.tensor(probabilities, dtype=torch.float64).log()


# -- probability loyalty ------------------------------------------------------------------------------


def test_divergence_by_hand() -> None:
    # P = (1, 0), Q = (½, ½), M = (¾, ¼): ½·log2(4/3) + ½·(½·log2(2/3) + ½·log2 2)
    expected = 0.5 * math.log2(4 / 3) + 0.25 * math.log2(2 / 3) + 0.25
    computed = divergence(torch.tensor([[0.0, -2000.0], [0.0, -2000.0]]), torch.tensor([[0.0, 0.0], [-2000.0, 0.0]]))
    assert computed.tolist() == pytest.approx([expected, 1.0], abs=1e-12)  # the second two share nothing: one bit


def test_probability_loyalty_is_that_of_scipy() -> None:
    student, teacher = torch.randn(40, 4, generator=torch.Generator().manual_seed(0)), torch.zeros(40, 4)
    teacher[:, 1] = 2
    distances = [jensenshannon(p, q, base=2) for p, q in zip(student.softmax(-1), teacher.softmax(-1), strict=True)]
    assert probability_loyalty(student, teacher) == pytest.approx(1 - float(np.mean(distances)), abs=1e-7)


@given(cases())
def test_probability_loyalty_is_a_symmetric_fraction_and_1_if_both_are_equal(
    case: tuple[Tensor, Tensor, Tensor],
) -> None:
    student, teacher, _ = case
    computed = probability_loyalty(student, teacher)
    assert 0 <= computed <= 1
    assert computed == pytest.approx(probability_loyalty(teacher, student), abs=1e-12)
    assert probability_loyalty(teacher, teacher) == 1
    assert probability_loyalty(teacher + 3, teacher) == pytest.approx(1, abs=1e-5)  # the same probabilities
    if (student.softmax(-1) - teacher.softmax(-1)).abs().max() > 1e-3:
        assert computed < 1


# -- calibration -------------------------------------------------------------------------------------


def test_calibration_error_by_hand() -> None:
    # Two bins: confidences 0.8 (right), 0.6 (wrong), 0.9 (right) in the upper one; 0.5 is in the lower one.
    logits = logits_of([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    computed = calibration(logits, torch.tensor([0, 1, 1]), bins=2)
    assert computed.examples == (0, 3)
    assert computed.confidence == pytest.approx((0, (0.8 + 0.6 + 0.9) / 3))
    assert computed.accuracy == pytest.approx((0, 2 / 3))
    assert computed.error == pytest.approx(abs(2 / 3 - 2.3 / 3))
    # Ten bins: each confidence is alone, so that the gaps do not cancel: (0.2 + 0.6 + 0.1) / 3.
    assert calibration(logits, torch.tensor([0, 1, 1]), bins=10).error == pytest.approx(0.3)


@pytest.mark.parametrize(("classes", "bins", "place"), [(2, 2, 0), (4, 4, 0), (5, 15, 2), (3, 15, 4)])
def test_a_confidence_on_an_edge_is_in_the_lower_bin(classes: int, bins: int, place: int) -> None:
    computed = calibration(torch.zeros(1, classes), torch.tensor([0]), bins)
    assert [i for i, n in enumerate(computed.examples) if n] == [place]


@given(cases())
def test_bins_make_up_accuracy_and_error(case: tuple[Tensor, Tensor, Tensor]) -> None:
    logits, _, labels = case
    computed = calibration(logits, labels)
    n = len(labels)
    assert len(computed.examples) == 15
    assert sum(computed.examples) == n
    assert sum(s * a for s, a in zip(computed.examples, computed.accuracy, strict=True)) / n == pytest.approx(
        accuracy(logits, labels)
    )
    gaps = zip(computed.examples, computed.confidence, computed.accuracy, strict=True)
    assert computed.error == pytest.approx(sum(s * abs(a - c) for s, c, a in gaps) / n)
    for i, (examples, confidence) in enumerate(zip(computed.examples, computed.confidence, strict=True)):
        assert not examples or i / 15 - 1e-9 <= confidence <= (i + 1) / 15 + 1e-9


# -- whose mistakes ----------------------------------------------------------------------------------


def predicting(*given: int, classes: int = 3) -> Tensor:
    return torch.nn.functional.one_hot(torch.tensor(given), classes).float()


def test_error_overlap_by_hand() -> None:
    labels = torch.tensor([0, 0, 0, 0, 0, 0])
    teacher, student = predicting(0, 0, 1, 1, 1, 2), predicting(0, 2, 0, 1, 2, 2)
    computed = error_overlap(student, teacher, labels)
    assert computed == ErrorOverlap(kept=1, new=1, corrected=1, inherited=2, other=1)
    assert (computed.accuracy_if_teacher_right, computed.accuracy_if_teacher_wrong) == (1 / 2, 1 / 4)
    assert error_overlap(student, predicting(0, 0, 0, 0, 0, 0), labels).accuracy_if_teacher_wrong is None
    assert confusion(student, labels) == ((2, 1, 3), (0, 0, 0), (0, 0, 0))


@given(cases())
def test_error_overlap_makes_up_both_models_mistakes(case: tuple[Tensor, Tensor, Tensor]) -> None:
    student, teacher, labels = case
    n, computed = len(labels), error_overlap(student, teacher, labels)
    assert computed.inherited + computed.corrected + computed.other == round(n * (1 - accuracy(teacher, labels)))
    assert computed.inherited + computed.new + computed.other == round(n * (1 - accuracy(student, labels)))
    assert sum(asdict(computed).values()) == n
    if student.shape[-1] == 2:
        assert computed.other == 0  # there is one wrong prediction
        assert computed.kept + computed.inherited == round(n * agreement(student, teacher))
    matrix = np.array(confusion(student, labels))
    assert matrix.trace() == computed.kept + computed.corrected
    assert matrix.sum(1).tolist() == torch.bincount(labels, minlength=student.shape[-1]).tolist()


@given(cases())
def test_differences_are_the_greatest_and_in_order(case: tuple[Tensor, Tensor, Tensor]) -> None:
    student, teacher, _ = case
    apart = divergence(student, teacher).tolist()
    computed = most_divergent(student, teacher, maximum=3)
    assert [each.divergence for each in computed] == sorted(apart, reverse=True)[:3]
    for each in computed:
        assert each.divergence == apart[each.index]
        assert each.student == pytest.approx(student[each.index].double().softmax(-1).tolist())
    assert len({each.index for each in computed}) == min(3, len(apart))


# -- kept with the run -------------------------------------------------------------------------------


@given(cases())
def test_an_evaluation_comes_back_from_json(case: tuple[Tensor, Tensor, Tensor]) -> None:
    evaluation = evaluate(*case)
    assert Evaluation.from_json(json.loads(json.dumps(to_json(evaluation)))) == evaluation


def test_runs_with_and_without_an_evaluation_are_read(store: Store, tmp_path: Path) -> None:
    evaluation = evaluate(torch.randn(9, 2), torch.randn(9, 2), torch.zeros(9, dtype=torch.long))
    with_it = Finished(**{**vars(FINISHED), "evaluation": evaluation})
    run = store.create(Spec())
    store.append(run, with_it)
    store.finish(run, with_it, PAIR)
    assert store.read(run).result == with_it
    assert list(store.events(run)) == [with_it]

    old = event_to_dict(FINISHED)
    del old["judgement"]
    assert event_from_dict(old) == FINISHED == EVENTS[-1]
    del (result := with_it.to_json())["judgement"]
    write_old_run(tmp_path / "old", store.read(run), result=result)
    assert Store(tmp_path / "old").read(run).result == FINISHED


def test_logits_come_back_bit_for_bit_or_not_at_all(tmp_path: Path) -> None:
    kept = StoredLogits(torch.randn(7, 3), torch.randn(7, 3), torch.arange(7) % 3)
    store = Store(tmp_path)
    run = store.create(Spec())
    path = logits_file(store, run)
    assert store.logits(run) is None
    store.save_logits(run, kept)
    computed = store.logits(run)
    assert computed is not None
    assert all(torch.equal(getattr(computed, name), tensor) for name, tensor in vars(kept).items())
    assert {file.name for file in path.parent.iterdir()} == {"answers.safetensors", "lock"}
    path.write_bytes(path.read_bytes()[:-5])
    assert store.logits(run) is None


def test_calibration_of_a_model_that_is_always_sure_and_right() -> None:
    sure = 30 * predicting(0, 1, 2, 2)
    computed = calibration(sure, torch.tensor([0, 1, 2, 2]))
    assert computed.error == pytest.approx(0, abs=1e-9)
    assert computed.examples[-1] == 4
