"""Gradual pruning: the curve, the exact end, and what it may follow."""

from __future__ import annotations

import pytest
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.gradual_pruning import RAMP, prune_gradually, sparsity_fraction, split_off_pruning
from labcore.config.spec import DistilConfig, SpecError
from labcore.config.steps import Factorise, KeepLayers, Prune
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.results.events import TrainStep, Validation
from labcore.system.progress import finish
from tests.shared.tiny import tiny_examples


def test_the_curve_is_cubic_and_ends() -> None:
    assert sparsity_fraction(0.0) == 0
    assert sparsity_fraction(RAMP / 2) == pytest.approx(1 - 0.5**3)
    assert sparsity_fraction(RAMP) == sparsity_fraction(1.0) == 1


def test_only_a_prune_at_the_end_can_be_gradual() -> None:
    keep, prune = KeepLayers(count=2), Prune(0.5)
    assert split_off_pruning([keep, prune]) == ((keep,), (prune,))
    assert split_off_pruning([keep]) == ((keep,), ())
    assert split_off_pruning([prune, Prune(0.7)]) == ((), (prune, Prune(0.7)))
    with pytest.raises(SpecError, match="put it last"):
        split_off_pruning([prune, keep])


@pytest.mark.parametrize("prune", [Prune(0.75), Prune(0.6, "global"), Prune(0.5, pattern="2:4")], ids=str)
def test_sparsity_rises_as_the_student_learns_and_ends_where_one_shot_does(
    tiny: BertForSequenceClassification, prune: Prune
) -> None:
    train, validation = tiny_examples(64), tiny_examples(32, seed=5)
    targets, of_teacher = (finish(compute_targets(tiny, part, states=False)) for part in (train, validation))
    student = derive(tiny, [KeepLayers(count=2), Factorise(8)])
    prune_gradually(student, [prune])
    once = derive(tiny, [KeepLayers(count=2), Factorise(8), prune])
    assert student.steps == once.steps
    zeros, best_at = [], []
    for event in distil(
        student, train, validation, targets, of_teacher, DistilConfig(epochs=10, batch_size=16, gradual=True)
    ):
        if isinstance(event, TrainStep):
            zeros.append(sum(int((student.model.get_parameter(name) == 0).sum()) for name in once.masks))
        elif isinstance(event, Validation) and event.best:
            best_at.append(event.step)
    assert zeros == sorted(zeros)
    assert zeros[-1] == sum(once.zeros.values()) == sum(student.zeros.values())
    if prune.pattern == "free":
        assert 0 < zeros[4] < zeros[-1]  # of 40 steps
        assert len(set(zeros)) > 5
    assert min(best_at) >= RAMP * 40  # none that was not pruned to the end
    left = {name: int((student.model.get_parameter(name) == 0).sum()) for name in student.masks}
    assert left == student.zeros
    assert student.pruning_complete


def test_nothing_to_prune_gradually_changes_nothing(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [KeepLayers(count=2)])
    prune_gradually(student, [])
    student.after_step(0.5)
    assert student.pruning_complete
    assert (student.masks, student.steps) == ({}, (KeepLayers(count=2),))
