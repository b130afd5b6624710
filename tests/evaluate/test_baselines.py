"""Baselines: what they leave out, and that they are as long as what they are compared with."""

from __future__ import annotations

import torch
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.random_init import reinitialise
from labcore.compress.student import FROM_SCRATCH_RATE
from labcore.config.loss_terms import HARD
from labcore.config.spec import DistilConfig, Final, Spec
from labcore.config.steps import Factorise, KeepLayers, Prune, PruneHeads
from labcore.data.tasks import load_task
from labcore.evaluate.baselines import BASELINES, baseline, is_baseline, training_steps
from labcore.models.structure import structure_of

RICH = Spec(
    steps=(KeepLayers(count=3),),
    distil=DistilConfig(
        hidden=0.5, relation=1.0, transfer=5000, schedule="linear", final=Final(hard=0.0, soft=1.0), seed=3
    ),
)


def test_without_a_teacher_only_labels_are_left_and_the_steps_are_the_same() -> None:
    no_teacher = baseline(RICH, "no teacher")
    assert no_teacher.distil.terms == (HARD,)
    assert (no_teacher.steps, no_teacher.distil.seed, no_teacher.distil.transfer) == (RICH.steps, 3, 0)
    train = len(load_task("reviews").splits["train"])
    assert training_steps(no_teacher) == training_steps(RICH) == 3 * -(-(train + 5000) // 32)
    plain = Spec(distil=DistilConfig(epochs=2))
    assert baseline(plain, "no teacher").distil == DistilConfig(epochs=2, hard=1.0, soft=0.0)  # an epoch is an epoch
    timed = baseline(Spec(distil=DistilConfig(seconds=60)), "no teacher")
    assert (training_steps(timed), timed.distil.seconds) == (None, 60)


def test_a_random_start_differs_in_nothing_else() -> None:
    other = baseline(RICH, "random start")
    assert other.distil.start == "random"
    assert Spec.from_json(other.to_json()) == other
    assert [is_baseline(baseline(RICH, kind)) for kind in BASELINES] == [True, True]
    assert not is_baseline(RICH)


def test_a_re_initialised_student_keeps_only_its_shapes_and_zeros(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [KeepLayers(count=2), PruneHeads(2), Factorise(4), Prune(0.5)], seed=4)
    before, zeros = structure_of(student.model), dict(student.zeros)
    old = {name: p.detach().clone() for name, p in student.model.named_parameters()}
    reinitialise(student)
    assert structure_of(student.model) == before
    for name, parameter in student.model.named_parameters():
        assert parameter.shape == old[name].shape
        if parameter.dim() == 2 and parameter.shape[0] > 2:
            assert not torch.equal(parameter, old[name]), name
    assert {name: int((student.model.get_parameter(name) == 0).sum()) for name in zeros} == zeros
    assert student.learning_rate == FROM_SCRATCH_RATE
    again = derive(tiny, [KeepLayers(count=2), PruneHeads(2), Factorise(4), Prune(0.5)], seed=4)
    reinitialise(again)
    for one, other in zip(student.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)
