"""Losses by hand, targets fresh and cached, and the loop as a generator."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
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
from labcore.data.batches import batches_in_epoch, evaluation_batches, training_batches
from labcore.distil.condition_probe import ConditionProbe
from labcore.distil.targets import compute_targets, teacher_targets
from labcore.distil.train import distil, learning_rate_factor
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.results.events import ConditionAccuracy, TrainStep, Validation, event_from_dict, event_to_dict
from labcore.system.progress import finish
from tests.shared.tiny import TINY, bytes_of, sentences

# -- batches -----------------------------------------------------------------------------------------


@given(st.integers(1, 150), st.integers(1, 20), st.integers(0, 9))
def test_an_epoch_holds_every_sentence_once(n: int, size: int, seed: int) -> None:
    encoded = sentences(n)
    batches = list(training_batches(encoded, size, torch.Generator().manual_seed(seed)))
    assert sorted(torch.cat([batch.index for batch in batches]).tolist()) == list(range(n))
    assert len(batches) == batches_in_epoch(encoded, size)
    for batch in batches:
        for row, index in zip(batch.ids.tolist(), batch.index.tolist(), strict=True):
            assert row[: len(encoded.tokens[index])] == list(encoded.tokens[index])
            assert not any(row[len(encoded.tokens[index]) :])
        mask = batch.mask if batch.mask is not None else torch.ones_like(batch.ids, dtype=torch.bool)
        assert torch.equal(mask, batch.ids != 0)
        assert torch.equal(batch.labels, encoded.labels[batch.index])


def test_the_order_is_the_seeds() -> None:
    def order(seed: int) -> list[int]:
        batches = training_batches(sentences(40), 8, torch.Generator().manual_seed(seed))
        return torch.cat([batch.index for batch in batches]).tolist()

    assert order(1) == order(1) != order(2)


# -- targets -----------------------------------------------------------------------------------------


def test_cached_targets_equal_fresh_ones(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    encoded = sentences(150)
    fresh = finish(compute_targets(tiny, encoded, states=True))
    first = finish(teacher_targets(tiny, encoded, tmp_path, states=True))
    [file] = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    steps = teacher_targets(tiny, encoded, tmp_path, states=True)
    again = finish(steps)
    assert file.stat().st_mtime_ns == written
    for targets in (first, again):
        assert torch.equal(targets.logits, fresh.logits)
        assert torch.equal(targets.states, fresh.states)  # type: ignore[arg-type]
    only_logits = finish(teacher_targets(tiny, encoded, tmp_path, states=False))
    assert only_logits.states is None
    assert torch.equal(only_logits.logits, fresh.logits)
    assert len(list(tmp_path.iterdir())) == 1  # the richer file serves both


def test_states_are_those_of_each_layer(tiny: BertForSequenceClassification) -> None:
    encoded = sentences(5)
    targets = finish(compute_targets(tiny, encoded, states=True))
    assert targets.states is not None
    assert targets.states.shape == (5, TINY.layers, TINY.hidden)
    row = torch.tensor([encoded.tokens[3]])
    with torch.no_grad():
        states = tiny(row, output_hidden_states=True).hidden_states
    torch.testing.assert_close(
        targets.states[3], torch.stack([state[0, 0] for state in states[1:]]), atol=1e-5, rtol=1e-4
    )


def test_another_teacher_or_text_is_another_file(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    finish(teacher_targets(tiny, sentences(9), tmp_path, states=False))
    finish(teacher_targets(tiny, sentences(9, seed=1), tmp_path, states=False))
    with torch.no_grad():
        tiny.classifier.bias[0] += 1e-3
    finish(teacher_targets(tiny, sentences(9), tmp_path, states=False))
    assert len(list(tmp_path.iterdir())) == 3


def test_targets_in_bf16_are_near_those_in_fp32_and_a_file_of_their_own(
    tiny: BertForSequenceClassification, tmp_path: Path
) -> None:
    exact, rough = (
        finish(teacher_targets(tiny, sentences(60), tmp_path, states=True, bf16=bf16)) for bf16 in (False, True)
    )
    assert len(list(tmp_path.iterdir())) == 2
    for ours, theirs in ((rough.logits, exact.logits), (rough.states, exact.states)):
        assert ours is not None
        assert theirs is not None
        assert ours.dtype == theirs.dtype == torch.float32
        assert not torch.equal(ours, theirs)
        torch.testing.assert_close(ours, theirs, atol=0.03, rtol=0.03)  # bf16 keeps 8 bits
    assert not torch.is_autocast_enabled("cpu")


def test_targets_closed_half_way_leave_nothing(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    steps = teacher_targets(tiny, sentences(200), tmp_path / "cache", states=True)
    next(steps)
    steps.close()
    assert not list(tmp_path.rglob("*.*"))


# -- evaluation --------------------------------------------------------------------------------------


def test_accuracy_and_agreement_by_hand() -> None:
    logits = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [0.0, 3.0]])
    teacher = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert accuracy(logits, torch.tensor([0, 1, 1, 1])) == 0.75
    assert agreement(logits, teacher) == 0.75


def test_predict_has_no_dropout_and_puts_the_mode_back(tiny: BertForSequenceClassification) -> None:
    encoded = sentences(80)
    tiny.train()
    first = predict(tiny, encoded)
    assert tiny.training
    assert torch.equal(first, predict(tiny, encoded))
    one = next(iter(evaluation_batches(encoded, 1)))
    tiny.eval()
    torch.testing.assert_close(first[one.index], tiny(one.ids).logits.detach(), atol=1e-5, rtol=1e-4)


# -- the loop ----------------------------------------------------------------------------------------


def run(
    teacher: BertForSequenceClassification,
    steps: list[Step],
    config: DistilConfig,
    calibration: Calibration | None = None,
    **options: bool,
) -> tuple[list[TrainStep], list[Validation], dict[str, str]]:
    train, validation = sentences(64), sentences(32, seed=5)
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
def test_every_kind_of_student_learns_and_leaves_the_teacher_alone(
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


def test_each_validation_is_followed_by_readings_of_the_student_as_it_was(tiny: BertForSequenceClassification) -> None:
    train, validation, other = sentences(64), sentences(32, seed=5), sentences(20, seed=6)
    targets, theirs, answers = (
        finish(compute_targets(tiny, part, states=False)) for part in (train, validation, other)
    )
    student = derive(tiny, [KeepLayers(count=2)])
    probe = ConditionProbe({"clean": (validation, theirs.logits), "other": (other, answers.logits)})
    before = None
    seen = 0
    for event in distil(student, train, validation, targets, theirs, SHORT, probe=probe, bf16=False):
        if isinstance(event, ConditionAccuracy):
            assert isinstance(before, Validation)
            assert event.step == before.step
            assert event.accuracy["clean"] == before.accuracy
            assert event.agreement["clean"] == before.agreement
            assert event.teacher_accuracy["clean"] == before.teacher_accuracy
            logits = predict(student.model, other)
            assert event.accuracy["other"] == float((logits.argmax(1) == other.labels).float().mean())
            assert event.agreement["other"] == float((logits.argmax(1) == answers.logits.argmax(1)).float().mean())
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
    train, validation = sentences(64), sentences(32, seed=5)
    targets, theirs = (finish(compute_targets(tiny, part, states=False)) for part in (train, validation))
    student = derive(tiny, [KeepLayers(count=2)])
    at_validation = {}
    for event in distil(
        student, train, validation, targets, theirs, DistilConfig(epochs=6, batch_size=16, learning_rate=2e-2)
    ):
        if isinstance(event, Validation):
            at_validation[event] = bytes_of(student.model)
    best = max(at_validation, key=lambda point: (point.accuracy, -point.loss))
    assert [point for point in at_validation if point.best][-1] == best
    assert bytes_of(student.model) == at_validation[best]
    assert len(set(map(str, at_validation.values()))) > 1


def test_pruned_weights_are_zero_at_the_end(tiny: BertForSequenceClassification) -> None:
    train, validation = sentences(64), sentences(32, seed=5)
    targets, theirs = (finish(compute_targets(tiny, part, states=False)) for part in (train, validation))
    student = derive(tiny, [KeepLayers(count=2), Factorise(8), Prune(0.75, "global")])
    list(distil(student, train, validation, targets, theirs, SHORT))
    zero = sum(int((student.model.get_parameter(name) == 0).sum()) for name in student.masks)
    assert zero == sum(student.zeros.values())


def test_a_closed_loop_stops_after_its_step(tiny: BertForSequenceClassification) -> None:
    train = sentences(64)
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
    assert learning_rate_factor(1.2) == 0  # a lesson counted in seconds may run over
