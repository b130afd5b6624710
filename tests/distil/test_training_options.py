"""Length, patience, embeddings, single terms and the cache in whole trainings, and the events that they yield."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig
from labcore.config.steps import KeepLayers, Manual, Step
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.targets import Targets, compute_targets, teacher_targets
from labcore.distil.train import distil
from labcore.models import encoder
from labcore.results.events import GradientNorms, Similarity, TrainStep, Validation
from labcore.system.progress import finish
from tests.shared.tiny import bytes_of, tiny_examples


def trained(
    teacher: BertForSequenceClassification, config: DistilConfig, steps: tuple[Step, ...] = (KeepLayers(count=2),)
) -> tuple[list[TrainStep], list[Validation], list[object], BertForSequenceClassification]:
    train, validation = tiny_examples(64), tiny_examples(32, seed=5)
    targets, validation_targets = (finish(compute_targets(teacher, part, states=True)) for part in (train, validation))
    student = derive(teacher, list(steps))
    events = list(
        distil(student, train, validation, targets, validation_targets, config, teacher=LiveTeacher(teacher, train))
    )
    taken = [event for event in events if isinstance(event, TrainStep)]
    return taken, [e for e in events if isinstance(e, Validation)], events, student.model  # type: ignore[list-item]


def test_a_budget_in_steps_may_cut_an_epoch_or_last_several(tiny: BertForSequenceClassification) -> None:
    for steps in (1, 3, 9):
        taken, validations, _, _ = trained(tiny, DistilConfig(steps=steps, batch_size=16))
        assert [step.step for step in taken] == list(range(1, steps + 1))
        assert taken[-1].steps == steps
        assert validations[-1].step == steps
        assert [step.progress for step in taken] == pytest.approx([i / steps for i in range(steps)])


def test_a_budget_in_seconds_ends_in_time(tiny: BertForSequenceClassification) -> None:
    taken, validations, _, _ = trained(tiny, DistilConfig(seconds=1.5, batch_size=16))
    assert 1.2 < taken[-1].elapsed < 3
    assert taken[-1].step > 4  # several epochs
    assert validations[-1].step == taken[-1].step
    assert 0.5 < taken[-1].progress <= 1
    assert taken[-1].learning_rate < 0.5 * max(step.learning_rate for step in taken)


def test_patience_ends_a_training_that_gains_nothing(tiny: BertForSequenceClassification) -> None:
    still = DistilConfig(epochs=9, batch_size=16, learning_rate=1e-12, patience=2)  # the first validation is the best
    taken, validations, _, _ = trained(tiny, still)
    assert taken[-1].step < taken[-1].steps
    assert len(validations) == 3


def test_word_embeddings_stay_where_they_are_not_trained(tiny: BertForSequenceClassification) -> None:
    train = tiny_examples(16)
    targets = finish(compute_targets(tiny, train, states=False))
    for trained in (False, True):
        student = derive(tiny, [KeepLayers(count=2)])
        events = distil(student, train, train, targets, targets, DistilConfig(epochs=1, embeddings=trained))
        while not isinstance(next(events), TrainStep):
            pass
        student_table, teacher_table = (encoder.word_embeddings(model)[1].weight for model in (student.model, tiny))
        assert torch.equal(student_table, teacher_table) is not trained  # type: ignore[arg-type]
        events.close()  # type: ignore[attr-defined]
        assert all(p.requires_grad for p in student.model.parameters())


def test_shares_are_measured_along_the_way(tiny: BertForSequenceClassification) -> None:
    config = DistilConfig(hidden=0.5, epochs=6, batch_size=16, schedule="linear", temperature=2.0)
    _, _, events, _ = trained(tiny, config)
    norms = [event for event in events if isinstance(event, GradientNorms)]
    assert len(norms) == 12
    assert norms[0].step == 1
    assert all(set(event.shares) == {"hard", "soft", "hidden"} for event in norms)
    assert all(sum(event.shares.values()) == pytest.approx(1) for event in norms)
    steps, _, events, _ = trained(tiny, DistilConfig(hard=0.0, soft=1.0, epochs=1, batch_size=16))
    assert not any(isinstance(event, GradientNorms) for event in events)  # a single term has the whole gradient
    assert "hard" in steps[0].losses  # it is computed all the same


def test_similarity_is_measured_before_and_after(tiny: BertForSequenceClassification) -> None:
    config = DistilConfig(hidden=0.5, layer_map="similar", epochs=1, batch_size=16)
    _, _, events, _ = trained(tiny, config, (KeepLayers(layers=(0, 3)),))
    first, last = [event for event in events if isinstance(event, Similarity)]
    assert (first.step, last.step) == (0, 4)
    assert (len(first.table), len(first.table[0])) == (2, 4)
    assert first.table[0][0] == pytest.approx(1)  # the teacher's first layer is the student's
    assert first.pairs[0] == (0, 0)


@pytest.mark.parametrize(
    "config",
    [
        DistilConfig(hard=0, soft=0, relation=1.0),
        DistilConfig(hard=0, soft=0, cosine=1.0, hidden_at="tokens"),
        DistilConfig(hard=0, soft=0, logit=1.0),
        DistilConfig(hard=0, soft=0, hidden=1.0, hidden_at="tokens", layer_map="last"),
    ],
    ids=lambda config: config.terms[0].name,
)
def test_each_term_alone_can_be_minimised(tiny: BertForSequenceClassification, config: DistilConfig) -> None:
    from dataclasses import replace

    for steps in ((KeepLayers(count=2),), (Manual(hidden=8, layers=2, heads=2, intermediate=16),)):
        taken, _, _, _ = trained(tiny, replace(config, epochs=12, batch_size=16, learning_rate=3e-3), steps)
        assert sum(step.total for step in taken[-8:]) < 0.9 * sum(step.total for step in taken[:8])


def test_training_from_the_cache_is_training_without_it(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    train, config = (
        tiny_examples(48),
        DistilConfig(hidden=0.5, epochs=2, batch_size=16, learning_rate=3e-3, dropout=0.1),
    )
    fresh = finish(compute_targets(tiny, train, states=True))
    finish(teacher_targets(tiny, train, tmp_path, states=True))
    cached = finish(teacher_targets(tiny, train, tmp_path, states=True))
    ends = []
    for targets in (fresh, cached):
        student = derive(tiny, [KeepLayers(count=2)])
        steps = [e.total for e in distil(student, train, train, targets, targets, config) if isinstance(e, TrainStep)]
        ends.append((steps, bytes_of(student.model)))
    assert ends[0] == ends[1]


def test_a_training_that_needs_no_states_takes_targets_without_them(tiny: BertForSequenceClassification) -> None:
    train = tiny_examples(32)
    targets = Targets(finish(compute_targets(tiny, train, states=False)).logits, None)
    student = derive(tiny, [KeepLayers(count=1)])
    events = list(distil(student, train, train, targets, targets, DistilConfig(epochs=1)))
    assert not any(isinstance(event, Similarity) for event in events)
