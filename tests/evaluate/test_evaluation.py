"""Judging by hand, against SciPy, and by what must hold whatever the numbers."""

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
from scipy.stats import norm
from torch import Tensor

from labcore.config.spec import Spec
from labcore.evaluate.against_teacher import (
    calibration,
    confusion,
    differences,
    divergence,
    error_overlap,
    evaluate,
    probability_loyalty,
)
from labcore.evaluate.metrics import accuracy, agreement
from labcore.evaluate.significance import grouped, over_seeds, paired
from labcore.results.evaluation import Calibration, ErrorOverlap, Evaluation
from labcore.results.events import Finished, event_from_dict, event_to_dict
from labcore.results.json_keys import to_json
from labcore.runs.store import Store
from labcore.runs.test_logits import StoredLogits
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


# -- loyalty -----------------------------------------------------------------------------------------


def test_divergence_by_hand() -> None:
    # P = (1, 0), Q = (½, ½), M = (¾, ¼): ½·log2(4/3) + ½·(½·log2(2/3) + ½·log2 2)
    expected = 0.5 * math.log2(4 / 3) + 0.25 * math.log2(2 / 3) + 0.25
    found = divergence(torch.tensor([[0.0, -2000.0], [0.0, -2000.0]]), torch.tensor([[0.0, 0.0], [-2000.0, 0.0]]))
    assert found.tolist() == pytest.approx([expected, 1.0], abs=1e-12)  # the second two share nothing: one bit


def test_loyalty_is_scipys() -> None:
    student, teacher = torch.randn(40, 4, generator=torch.Generator().manual_seed(0)), torch.zeros(40, 4)
    teacher[:, 1] = 2
    theirs = [jensenshannon(p, q, base=2) for p, q in zip(student.softmax(-1), teacher.softmax(-1), strict=True)]
    assert probability_loyalty(student, teacher) == pytest.approx(1 - float(np.mean(theirs)), abs=1e-7)


@given(cases())
def test_loyalty_is_a_share_the_same_both_ways_and_whole_where_equal(case: tuple[Tensor, Tensor, Tensor]) -> None:
    student, teacher, _ = case
    found = probability_loyalty(student, teacher)
    assert 0 <= found <= 1
    assert found == pytest.approx(probability_loyalty(teacher, student), abs=1e-12)
    assert probability_loyalty(teacher, teacher) == 1
    assert probability_loyalty(teacher + 3, teacher) == pytest.approx(1, abs=1e-5)  # the same probabilities
    if (student.softmax(-1) - teacher.softmax(-1)).abs().max() > 1e-3:
        assert found < 1


# -- calibration -------------------------------------------------------------------------------------


def test_calibration_error_by_hand() -> None:
    # Two bins: confidences 0.8 (right), 0.6 (wrong), 0.9 (right) in the upper one; 0.5 is in the lower one.
    logits = logits_of([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    found = calibration(logits, torch.tensor([0, 1, 1]), bins=2)
    assert found.examples == (0, 3)
    assert found.confidence == pytest.approx((0, (0.8 + 0.6 + 0.9) / 3))
    assert found.accuracy == pytest.approx((0, 2 / 3))
    assert found.error == pytest.approx(abs(2 / 3 - 2.3 / 3))
    # Ten bins: each confidence is alone, so that the gaps do not cancel: (0.2 + 0.6 + 0.1) / 3.
    assert calibration(logits, torch.tensor([0, 1, 1]), bins=10).error == pytest.approx(0.3)


@pytest.mark.parametrize(("classes", "bins", "place"), [(2, 2, 0), (4, 4, 0), (5, 15, 2), (3, 15, 4)])
def test_a_confidence_on_an_edge_is_in_the_lower_bin(classes: int, bins: int, place: int) -> None:
    found = calibration(torch.zeros(1, classes), torch.tensor([0]), bins)
    assert [i for i, n in enumerate(found.examples) if n] == [place]


@given(cases())
def test_bins_make_up_accuracy_and_error(case: tuple[Tensor, Tensor, Tensor]) -> None:
    logits, _, labels = case
    found = calibration(logits, labels)
    n = len(labels)
    assert len(found.examples) == 15
    assert sum(found.examples) == n
    assert sum(s * a for s, a in zip(found.examples, found.accuracy, strict=True)) / n == pytest.approx(
        accuracy(logits, labels)
    )
    gaps = zip(found.examples, found.confidence, found.accuracy, strict=True)
    assert found.error == pytest.approx(sum(s * abs(a - c) for s, c, a in gaps) / n)
    for i, (sentences, confidence) in enumerate(zip(found.examples, found.confidence, strict=True)):
        assert not sentences or i / 15 - 1e-9 <= confidence <= (i + 1) / 15 + 1e-9


# -- whose mistakes ----------------------------------------------------------------------------------


def answers(*given: int, classes: int = 3) -> Tensor:
    return torch.nn.functional.one_hot(torch.tensor(given), classes).float()


def test_fates_by_hand() -> None:
    labels = torch.tensor([0, 0, 0, 0, 0, 0])
    teacher, student = answers(0, 0, 1, 1, 1, 2), answers(0, 2, 0, 1, 2, 2)
    found = error_overlap(student, teacher, labels)
    assert found == ErrorOverlap(kept=1, new=1, corrected=1, inherited=2, other=1)
    assert (found.accuracy_if_teacher_right, found.accuracy_if_teacher_wrong) == (1 / 2, 1 / 4)
    assert error_overlap(student, answers(0, 0, 0, 0, 0, 0), labels).accuracy_if_teacher_wrong is None
    assert confusion(student, labels) == ((2, 1, 3), (0, 0, 0), (0, 0, 0))


@given(cases())
def test_fates_make_up_both_models_mistakes(case: tuple[Tensor, Tensor, Tensor]) -> None:
    student, teacher, labels = case
    n, found = len(labels), error_overlap(student, teacher, labels)
    assert found.inherited + found.corrected + found.other == round(n * (1 - accuracy(teacher, labels)))
    assert found.inherited + found.new + found.other == round(n * (1 - accuracy(student, labels)))
    assert sum(asdict(found).values()) == n
    if student.shape[-1] == 2:
        assert found.other == 0  # there is one wrong answer
        assert found.kept + found.inherited == round(n * agreement(student, teacher))
    matrix = np.array(confusion(student, labels))
    assert matrix.trace() == found.kept + found.corrected
    assert matrix.sum(1).tolist() == torch.bincount(labels, minlength=student.shape[-1]).tolist()


@given(cases())
def test_differences_are_the_greatest_and_in_order(case: tuple[Tensor, Tensor, Tensor]) -> None:
    student, teacher, _ = case
    apart = divergence(student, teacher).tolist()
    found = differences(student, teacher, maximum=3)
    assert [each.divergence for each in found] == sorted(apart, reverse=True)[:3]
    for each in found:
        assert each.divergence == apart[each.index]
        assert each.student == pytest.approx(student[each.index].double().softmax(-1).tolist())
    assert len({each.index for each in found}) == min(3, len(apart))


# -- kept with the run -------------------------------------------------------------------------------


@given(cases())
def test_a_judgement_comes_back_from_json(case: tuple[Tensor, Tensor, Tensor]) -> None:
    judged = evaluate(*case)
    assert Evaluation.from_json(json.loads(json.dumps(to_json(judged)))) == judged


def test_runs_with_and_without_a_judgement_are_read(store: Store) -> None:
    judged = evaluate(torch.randn(9, 2), torch.randn(9, 2), torch.zeros(9, dtype=torch.long))
    with_it = Finished(**{**vars(FINISHED), "evaluation": judged})
    run = store.create(Spec())
    store.append(run, with_it)
    store.finish(run, with_it, PAIR)
    assert store.read(run).result == with_it
    assert list(store.events(run)) == [with_it]

    old = event_to_dict(FINISHED)
    del old["judgement"]
    assert event_from_dict(old) == FINISHED == EVENTS[-1]
    file = store.home / "runs" / run / "run.json"
    data = json.loads(file.read_text())
    del data["result"]["judgement"]
    file.write_text(json.dumps(data))
    assert store.read(run).result == FINISHED


def test_answers_come_back_bit_for_bit_or_not_at_all(tmp_path: Path) -> None:
    kept = StoredLogits(torch.randn(7, 3), torch.randn(7, 3), torch.arange(7) % 3)
    store = Store(tmp_path)
    run = store.create(Spec())
    path = logits_file(store, run)
    assert store.logits(run) is None
    store.save_logits(run, kept)
    found = store.logits(run)
    assert found is not None
    assert all(torch.equal(getattr(found, name), tensor) for name, tensor in vars(kept).items())
    assert {file.name for file in path.parent.iterdir()} == {"answers.safetensors", "lock", "run.json", "spec.json"}
    path.write_bytes(path.read_bytes()[:-5])
    assert store.logits(run) is None


# -- two students ------------------------------------------------------------------------------------


def right(*runs: tuple[int, bool]) -> np.ndarray:
    return np.concatenate([np.full(n, value) for n, value in runs])


@pytest.mark.parametrize(("only_first", "only_second"), [(9, 1), (5, 5), (0, 6), (1, 0), (3, 12)])
def test_mcnemar_is_a_binomial_by_hand(only_first: int, only_second: int) -> None:
    first = right((20, True), (only_first, True), (only_second, False), (4, False))
    second = right((20, True), (only_first, False), (only_second, True), (4, False))
    found = paired(first, second)
    assert (found.both, found.only_first, found.only_second, found.neither) == (20, only_first, only_second, 4)
    n, fewer = only_first + only_second, min(only_first, only_second)
    assert found.p == pytest.approx(min(1.0, 2 * sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n))
    assert found.difference == pytest.approx((only_first - only_second) / (24 + n))
    assert found.low <= found.difference <= found.high


def test_the_same_answers_are_not_told_apart() -> None:
    same = right((5, True), (3, False))
    found = paired(same, same)
    assert (found.p, found.difference, found.low, found.high) == (1.0, 0.0, 0.0, 0.0)


def test_the_bootstrap_is_near_the_normal_interval_and_the_same_each_time() -> None:
    generator = np.random.default_rng(3)
    first, second = generator.random(1000) < 0.8, generator.random(1000) < 0.74
    found = paired(first, second)
    gap = first.astype(float) - second.astype(float)
    half = norm.ppf(0.975) * gap.std(ddof=1) / math.sqrt(1000)
    assert (found.low, found.high) == pytest.approx((gap.mean() - half, gap.mean() + half), abs=0.002)
    assert (found.low > 0) == (found.p < 0.05)
    assert found == paired(first, second)
    assert paired(second, first).p == found.p


def test_pairing_sees_what_two_accuracies_can_not() -> None:
    """Two points apart on 1,000 sentences is within chance, but not where one is right wherever the other is."""
    better = right((820, True), (180, False))
    assert paired(better, right((800, True), (200, False))).p < 0.001
    assert paired(better, right((10, False), (180, True), (180, False), (620, True), (10, False))).p > 0.05


def test_groups_of_seeds_are_means() -> None:
    first = [right((6, True), (4, False)), right((8, True), (2, False))]
    second = [right((5, True), (5, False))]
    found = grouped(first, second)
    assert found.difference == pytest.approx(0.7 - 0.5)
    assert found.low <= found.difference <= found.high
    one = grouped(first[:1], second)
    pair = paired(first[0], second[0])
    assert (one.difference, one.low, one.high) == (pair.difference, pair.low, pair.high)


def test_seeds_interval_by_hand() -> None:
    found = over_seeds([0.80, 0.82, 0.87])
    assert (found.n, found.mean) == (3, pytest.approx(0.83))
    spread = math.sqrt((0.03**2 + 0.01**2 + 0.04**2) / 2)
    assert found.half == pytest.approx(4.302653 * spread / math.sqrt(3), rel=1e-6)  # t of 2 degrees, from a table
    assert over_seeds([0.8]).half is None
    assert over_seeds([0.8, 0.8]).half == 0


def test_calibration_of_a_model_that_is_always_sure_and_right() -> None:
    sure = 30 * answers(0, 1, 2, 2)
    found: Calibration = calibration(sure, torch.tensor([0, 1, 2, 2]))
    assert found.error == pytest.approx(0, abs=1e-9)
    assert found.examples[-1] == 4
