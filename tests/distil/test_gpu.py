"""A real GPU and the processor compute the same, within `TOLERANCE`; skipped if torch finds no GPU.

    python -m pytest -m gpu -rs

Both round every product, and add in different orders. bf16 has 8 bits, so its own products differ more.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, PruneHeads, Step
from labcore.count.latency import measure
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.precision import hardware_bf16
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.evaluate.metrics import accuracy, predict
from labcore.results.events import TrainStep
from labcore.system import processor
from labcore.system.progress import finish
from tests.shared.tiny import tiny_examples


@dataclass(frozen=True)
class Tolerance:
    """How far a GPU may be off: logits and a step's loss in parts of their size, accuracy as a fraction."""

    logits: float = 1e-4
    loss: float = 1e-3
    accuracy: float = 0.05  # of 64 examples three may be predicted otherwise after a training
    bf16_loss: float = 0.05


TOLERANCE = Tolerance()
GPUS = processor.present()[:-1]

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not GPUS, reason="torch finds no GPU here")]


@pytest.fixture(params=GPUS or ("none",))
def gpu(request: pytest.FixtureRequest) -> str:
    return request.param


def close(logits: torch.Tensor, expected: torch.Tensor, relative: float) -> bool:
    return float((logits - expected).abs().max()) <= relative * max(1.0, float(expected.abs().max()))


STUDENTS: list[list[Step]] = [
    [KeepLayers(count=2)],
    [PruneHeads(2, by="taylor")],
    [Factorise(4, method="activation")],
    [Prune(0.5, embeddings=True)],
    [Manual(hidden=8, layers=2, heads=2, intermediate=16, init="teacher")],
]


@pytest.mark.parametrize("steps", STUDENTS, ids=str)
def test_logits_are_those_of_the_processor(
    steps: list[Step],
    gpu: str,
    tiny: BertForSequenceClassification,
    calibration: Calibration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    examples = tiny_examples(64)
    logits = {}
    for device in (processor.HOST, gpu):
        monkeypatch.setenv("LAB_DEVICE", device)
        student = derive(tiny, steps, calibration)
        assert not any(parameter.is_cuda for parameter in student.model.parameters())
        logits[device] = predict(student.model, examples)
    assert close(logits[gpu], logits[processor.HOST], TOLERANCE.logits)


def trained(
    tiny: BertForSequenceClassification, config: DistilConfig, bf16: bool, steps: list[Step]
) -> tuple[list[float], float]:
    """The loss of each step, and the accuracy of the trained student."""
    train, validation = tiny_examples(256), tiny_examples(64, seed=5)
    targets = finish(compute_targets(tiny, train, states=True))
    of_teacher = finish(compute_targets(tiny, validation, states=False))
    student = derive(tiny, steps)
    live = LiveTeacher(tiny, train)
    events = distil(student, train, validation, targets, of_teacher, config, teacher=live, bf16=bf16)
    losses = [event.total for event in events if isinstance(event, TrainStep)]
    assert {parameter.device.type for parameter in student.model.parameters()} == {processor.HOST}
    assert all(not student.model.get_parameter(name)[~mask].any() for name, mask in student.masks.items())
    return losses, accuracy(predict(student.model, validation), validation.labels)


CONFIGS = {
    "at [CLS]": DistilConfig(epochs=3, batch_size=16, learning_rate=3e-3, hidden=0.3, cosine=0.1, layer_map="similar"),
    "all tokens": DistilConfig(
        epochs=3, batch_size=16, learning_rate=3e-3, hidden=0.3, relation=0.1, hidden_at="tokens"
    ),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_training_is_that_of_the_processor(
    name: str, gpu: str, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = {}
    for device in (processor.HOST, gpu):
        monkeypatch.setenv("LAB_DEVICE", device)
        results[device] = trained(tiny, CONFIGS[name], False, [KeepLayers(count=2), Prune(0.5)])
    (here, accurate_here), (there, accurate_there) = results[processor.HOST], results[gpu]
    assert there[0] == pytest.approx(here[0], rel=TOLERANCE.loss)  # later steps add up their roundings
    assert accurate_there == pytest.approx(accurate_here, abs=TOLERANCE.accuracy)


def test_a_step_in_the_devices_own_precision_is_near(
    gpu: str, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = {}
    for device in (processor.HOST, gpu):
        monkeypatch.setenv("LAB_DEVICE", device)
        losses[device], _ = trained(tiny, CONFIGS["at [CLS]"], hardware_bf16() and device == gpu, [KeepLayers(count=2)])
    assert losses[gpu][0] == pytest.approx(losses[processor.HOST][0], rel=TOLERANCE.bf16_loss)


def test_one_seed_is_one_run_up_to_rounding(
    gpu: str, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_DEVICE", gpu)
    first, second = (trained(tiny, CONFIGS["at [CLS]"], False, [KeepLayers(count=2)]) for _ in range(2))
    assert second[0] == pytest.approx(first[0], rel=TOLERANCE.loss)


def test_a_latency_and_a_machine_are_the_gpus(
    gpu: str, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_DEVICE", gpu)
    assert measure(tiny, batch=1, tokens=8).median_ms > 0
    assert processor.machine().startswith(f"{gpu} (")
