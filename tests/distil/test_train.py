"""The training loop as a generator of events."""

from __future__ import annotations

import copy
import json

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
)
from labcore.distil.condition_evaluator import ConditionEvaluator
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.distil.training_loop import learning_rate_factor
from labcore.evaluate.metrics import predict
from labcore.results.events import ConditionAccuracy, TrainStep, Validation, event_from_dict, event_to_dict
from labcore.system.progress import finish
from tests.shared.tiny import bytes_of, tiny_examples


def run(
    teacher: BertForSequenceClassification,
    steps: list[Step],
    config: DistilConfig,
    calibration: Calibration | None = None,
    **options: bool,
) -> tuple[list[TrainStep], list[Validation], dict[str, str]]:
    train, validation = tiny_examples(64), tiny_examples(32, seed=5)
    targets = finish(compute_targets(teacher, train, states=config.hidden > 0))
    torch.manual_seed(config.seed)
    student = derive(teacher, steps, calibration)
    events = list(
        distil(
            student,
            train,
            validation,
            targets,
            finish(compute_targets(teacher, validation, states=False)),
            config,
            **options,
        )
    )
    taken = [event for event in events if isinstance(event, TrainStep)]
    validations = [event for event in events if isinstance(event, Validation)]
    return taken, validations, bytes_of(student.model)


SHORT = DistilConfig(epochs=2, batch_size=16, learning_rate=3e-3)


@pytest.mark.parametrize(
    "steps",
    [
        [KeepLayers(count=2)],
        [PruneHeads(2), PruneNeurons(16)],
        [Factorise(4)],
        [Factorise(4, method="activation"), FactoriseEmbeddings(8)],
        [Prune(0.5)],
        [Prune(0.5, pattern="2:4")],
        [Manual()],
        [Manual(init="teacher")],
    ],
    ids=str,
)
def test_every_kind_of_student_learns_and_leaves_the_teacher_unchanged(
    tiny: BertForSequenceClassification, calibration: Calibration, steps: list[Step]
) -> None:
    before = bytes_of(tiny)
    config = DistilConfig(hard=0.3, soft=0.5, hidden=0.2, epochs=12, batch_size=16, learning_rate=3e-3)
    taken, validations, _ = run(tiny, steps, config, calibration)
    assert [step.step for step in taken] == list(range(1, 49))
    assert taken[-1].steps == 48
    assert sum(step.total for step in taken[-8:]) < 0.98 * sum(step.total for step in taken[:8])
    for step in taken:
        assert "hidden" in step.losses
        assert step.total == pytest.approx(
            0.3 * step.losses["hard"] + 0.5 * step.losses["soft"] + 0.2 * step.losses["hidden"], rel=1e-4
        )
    assert (validations[0].step, validations[-1].step) == (0, 48)
    assert bytes_of(tiny) == before


def test_each_validation_is_followed_by_the_accuracy_under_each_condition(tiny: BertForSequenceClassification) -> None:
    train, validation, other = tiny_examples(64), tiny_examples(32, seed=5), tiny_examples(20, seed=6)
    targets, validation_targets, other_targets = (
        finish(compute_targets(tiny, part, states=False)) for part in (train, validation, other)
    )
    student = derive(tiny, [KeepLayers(count=2)])
    conditions = ConditionEvaluator(
        {"clean": (validation, validation_targets.logits), "other": (other, other_targets.logits)}
    )
    before = None
    seen = 0
    for event in distil(
        student, train, validation, targets, validation_targets, SHORT, conditions=conditions, bf16=False
    ):
        if isinstance(event, ConditionAccuracy):
            assert isinstance(before, Validation)
            assert event.step == before.step
            assert event.accuracy["clean"] == before.accuracy
            assert event.agreement["clean"] == before.agreement
            assert event.teacher_accuracy["clean"] == before.teacher_accuracy
            logits = predict(student.model, other)
            assert event.accuracy["other"] == float((logits.argmax(1) == other.labels).float().mean())
            assert event.agreement["other"] == float(
                (logits.argmax(1) == other_targets.logits.argmax(1)).float().mean()
            )
            assert event_from_dict(json.loads(json.dumps(event_to_dict(event)))) == event
            seen += 1
        else:
            assert not isinstance(before, Validation)
        before = event
    assert seen == 5


def test_one_seed_is_one_run(tiny: BertForSequenceClassification) -> None:
    first, second = (run(tiny, [KeepLayers(count=2)], SHORT) for _ in range(2))
    losses = [[(step.total, step.losses) for step in taken] for taken, _, _ in (first, second)]
    assert losses[0] == losses[1]
    assert first[2] == second[2]
    other, _, _ = run(tiny, [KeepLayers(count=2)], DistilConfig(epochs=2, batch_size=16, learning_rate=3e-3, seed=1))
    assert [step.total for step in other] != [step.total for step in first[0]]


def test_the_student_ends_with_its_best_weights(tiny: BertForSequenceClassification) -> None:
    train, validation = tiny_examples(64), tiny_examples(32, seed=5)
    targets, validation_targets = (finish(compute_targets(tiny, part, states=False)) for part in (train, validation))
    student = derive(tiny, [KeepLayers(count=2)])
    at_validation = {}
    for event in distil(
        student,
        train,
        validation,
        targets,
        validation_targets,
        DistilConfig(epochs=6, batch_size=16, learning_rate=2e-2),
    ):
        if isinstance(event, Validation):
            at_validation[event] = bytes_of(student.model)
    best = max(at_validation, key=lambda point: (point.accuracy, -point.loss))
    assert [point for point in at_validation if point.best][-1] == best
    assert bytes_of(student.model) == at_validation[best]
    assert len(set(map(str, at_validation.values()))) > 1


def test_pruned_weights_are_zero_at_the_end(tiny: BertForSequenceClassification) -> None:
    train, validation = tiny_examples(64), tiny_examples(32, seed=5)
    targets, validation_targets = (finish(compute_targets(tiny, part, states=False)) for part in (train, validation))
    student = derive(tiny, [KeepLayers(count=2), Factorise(8), Prune(0.75, "global")])
    list(distil(student, train, validation, targets, validation_targets, SHORT))
    zero = sum(int((student.model.get_parameter(name) == 0).sum()) for name in student.masks)
    assert zero == sum(student.zeros.values())


def test_a_closed_loop_stops_after_its_step(tiny: BertForSequenceClassification) -> None:
    train = tiny_examples(64)
    targets = finish(compute_targets(tiny, train, states=False))
    student = derive(tiny, [KeepLayers(count=1)])
    events = distil(student, train, train, targets, targets, SHORT)
    assert isinstance(next(events), Validation)
    assert isinstance(next(events), TrainStep)
    after = bytes_of(student.model)
    events.close()  # type: ignore[attr-defined]
    assert bytes_of(student.model) == after
    assert list(events) == []


def test_bf16_learns_too(tiny: BertForSequenceClassification) -> None:
    taken, _, _ = run(
        tiny, [KeepLayers(count=2)], DistilConfig(hidden=0.5, epochs=4, batch_size=16, learning_rate=3e-3), bf16=True
    )
    assert taken[-1].total < taken[0].total
    exact, _, _ = run(
        tiny, [KeepLayers(count=2)], DistilConfig(hidden=0.5, epochs=4, batch_size=16, learning_rate=3e-3), bf16=False
    )
    assert taken[0].total != exact[0].total  # it was another precision
    assert taken[0].total == pytest.approx(exact[0].total, rel=0.05)


def test_a_loss_that_leaves_the_numbers_is_said_plainly(tiny: BertForSequenceClassification) -> None:
    broken = copy.deepcopy(tiny)
    with torch.no_grad():
        broken.classifier.weight.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        run(broken, [KeepLayers(count=1)], SHORT)


def test_the_rate_warms_up_and_falls() -> None:
    rates = [learning_rate_factor(step / 100) for step in range(100)]
    assert rates[0] == pytest.approx(1 / 11)
    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) == 10
    assert 0 < rates[-1] < 0.02
    assert all(0 < learning_rate_factor(step / steps) <= 1 for steps in range(1, 30) for step in range(steps))
    assert learning_rate_factor(1.2) == 0  # a training in seconds may run over
