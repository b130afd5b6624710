"""On another device than the processor: what a model reads moves there, results come back, and they are the same.

The second device of `tests.shared.second_device` rounds as the processor does, so nothing may differ at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, FactoriseEmbeddings, KeepLayers, Manual, Prune, PruneHeads, PruneNeurons
from labcore.count.latency import measure
from labcore.data.batches import Batch, training_batches
from labcore.distil import data_order, live_teacher
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.evaluate import metrics
from labcore.models import placement
from labcore.results.events import Finished
from labcore.runs.cache import gradients_at_start
from labcore.runs.execute import execute
from labcore.runs.store import Store
from labcore.system import processor
from labcore.system.progress import finish
from tests.shared.interrupted import CASES, interrupted, undisturbed
from tests.shared.outcomes import ENDS, config, outcome, steps
from tests.shared.second_device import Elsewhere, second_device
from tests.shared.tiny import bytes_of, tiny_examples

KINDS = pytest.mark.parametrize("kind", ["cuda", "mps"])
TOKENS = {"hidden": 0.5, "relation": 0.5, "hidden_at": "tokens"}
SPECS = {
    "all terms at [CLS]": config(hidden=0.3, cosine=0.2, logit=0.1, layer_map="similar"),
    "all tokens": config(**TOKENS),
    "projections": steps(Manual(hidden=8, layers=2, heads=2, intermediate=16), hidden=0.5),
    "from the teacher": steps(Manual(hidden=8, layers=2, heads=2, intermediate=16, init="teacher")),
    "taylor scores": steps(PruneHeads(2, by="taylor"), PruneNeurons(16, by="taylor")),
    "activations": steps(Factorise(4, method="activation"), FactoriseEmbeddings(8)),
    "zeros": steps(Prune(0.5, embeddings=True)),
    "gradual zeros": steps(Prune(0.5, scope="global"), gradual=True, **ENDS),
    "no zeros": steps(Prune(0.0), gradual=True, **ENDS),
    "half of four": steps(Prune(0.5, pattern="2:4"), embeddings=False, dropout=0.1),
}


@KINDS
@pytest.mark.parametrize("name", SPECS)
def test_a_training_is_the_same_on_another_device(
    name: str,
    kind: str,
    tiny: BertForSequenceClassification,
    calibration: Calibration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = bytes_of(tiny)
    with sdpa_kernel(SDPBackend.MATH):  # the processor's fused kernel rounds otherwise
        here = outcome(tiny, Calibration(calibration._read), SPECS[name])  # it remembers decompositions
        with second_device(monkeypatch, kind) as device:
            there = outcome(tiny, Calibration(calibration._read), SPECS[name])
    assert there == here
    assert device.operations > 500
    assert bytes_of(tiny) == before


@KINDS
def test_a_run_is_the_same_on_another_device(
    kind: str, spec: Spec, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(spec, distil=replace(spec.distil, hidden=0.5))
    monkeypatch.setattr("labcore.distil.precision.processor.multiplies_bf16", lambda _: False)
    monkeypatch.setenv("LAB_DEVICE", "cpu")
    results = []
    for on_second in (False, True):
        run_id = store.create(spec)
        if on_second:
            with second_device(monkeypatch, kind):
                *_, result = execute(spec, run_id, store)
        else:
            *_, result = execute(spec, run_id, store)
        assert isinstance(result, Finished)
        results.append(replace(result, run="", seconds=0.0, examples_per_second=0.0))
    assert results[0] == results[1]
    saved = [store.student(run.id) for run in store.finished_runs()]
    assert bytes_of(saved[0].model) == bytes_of(saved[1].model)
    assert len(list(store.targets.iterdir())) == 2 * 3  # each kind of device has files of its own


@pytest.mark.parametrize("name", ["narrow, with projections", "gradual pruning"])
def test_a_resumed_training_is_the_same_on_another_device(
    name: str, tiny: BertForSequenceClassification, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = processor.generator_states
    with sdpa_kernel(SDPBackend.MATH):
        here = undisturbed(CASES[name], tiny)
        monkeypatch.setattr(processor, "generator_states", lambda on: states(torch.device("cpu")))
        with second_device(monkeypatch, "cuda") as device:
            there = interrupted(CASES[name], tiny, tmp_path / "file", 5, 19)
    assert there.events == here.events
    assert (there.weights, there.masks) == (here.weights, here.masks)
    assert device.operations > 500


def test_gradients_at_the_start_are_the_same_and_the_shared_models_stay(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.distil.precision.processor.multiplies_bf16", lambda _: False)
    spec = replace(spec, distil=replace(spec.distil, relation=0.1))
    here = gradients_at_start(spec)
    assert min(here.norms.values()) > 0
    with second_device(monkeypatch, "cuda") as device:
        assert gradients_at_start(spec) == here
    assert device.operations > 2000
    assert gradients_at_start(spec) == here


MODELS_RUN: dict[str, Callable[[BertForSequenceClassification, Calibration], object]] = {
    "predict": lambda tiny, _: metrics.predict(tiny, tiny_examples(8)),
    "targets": lambda tiny, _: finish(compute_targets(tiny, tiny_examples(8), states=True)),
    "taylor scores": lambda tiny, calibration: derive(tiny, [PruneHeads(2, by="taylor")], calibration),
    "activations": lambda tiny, calibration: derive(tiny, [Factorise(4, method="activation")], calibration),
    "from the teacher": lambda tiny, calibration: derive(tiny, [Manual(hidden=8, init="teacher")], calibration),
}


@pytest.mark.parametrize("name", MODELS_RUN)
def test_what_runs_a_model_runs_it_on_the_device(
    name: str, tiny: BertForSequenceClassification, calibration: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = torch.nn.functional.linear
    with sdpa_kernel(SDPBackend.MATH), second_device(monkeypatch, "cuda") as device:
        on: set[type] = set()
        monkeypatch.setattr(torch.nn.functional, "linear", lambda x, *rest: (on.add(type(x)), forward(x, *rest))[1])
        MODELS_RUN[name](tiny, calibration)
    assert on == {Elsewhere}
    assert device.operations > 50


def test_a_latency_is_measured_on_the_device(
    tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []
    with second_device(monkeypatch, "cuda") as device:
        monkeypatch.setattr("labcore.count.latency.processor.wait_for", waits.append)
        measured = measure(tiny, batch=1, tokens=4)
    assert device.operations > 100
    assert len(waits) >= measured.runs
    assert {each.type for each in waits} == {"cuda"}


def test_a_model_that_is_there_is_not_copied(
    tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert placement.placed(tiny) is tiny
    with second_device(monkeypatch, "cuda"):
        there = placement.placed(tiny)
        assert there is not tiny
        assert placement.placed(there) is there
        assert {type(p) for p in there.parameters()} == {Elsewhere}
        assert type(next(tiny.parameters())) is not Elsewhere


def test_tied_weights_stay_tied(monkeypatch: pytest.MonkeyPatch) -> None:
    tied = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    tied[1].weight = tied[0].weight
    with second_device(monkeypatch, "cuda"):
        there = placement.placed(tied)
        assert there[0].weight is there[1].weight


# -- a planted fault -----------------------------------------------------------------------------------

FORGOTTEN: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a batch": lambda patch: patch.setattr(Batch, "to", lambda self, device: self),
    "the masks": lambda patch: patch.setattr(
        Student, "_move", lambda self, device: torch.nn.Module.to(self.model, device)
    ),
    "the live teacher": lambda patch: patch.setattr(live_teacher, "placed", lambda model: model),
    "logits on their way back": lambda patch: patch.setattr(metrics, "to_host", lambda tensor: tensor),
    "the batches of training": lambda patch: patch.setattr(
        data_order, "training_batches", lambda encoded, size, order, device: training_batches(encoded, size, order)
    ),
}


@pytest.mark.parametrize("name", FORGOTTEN)
def test_a_forgotten_move_is_found(
    name: str, tiny: BertForSequenceClassification, calibration: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = steps(KeepLayers(count=2), Prune(0.5), **TOKENS)
    FORGOTTEN[name](monkeypatch)
    with second_device(monkeypatch, "cuda"), pytest.raises(RuntimeError, match="same device"):
        outcome(tiny, calibration, spec)


def test_double_precision_on_a_device_without_it_is_found(
    tiny: BertForSequenceClassification, calibration: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.distil.losses.in_float64", lambda tensor: tensor.double())
    with second_device(monkeypatch, "mps"), pytest.raises(TypeError, match="float64"):
        outcome(tiny, calibration, config())


def test_a_stopped_training_brings_the_student_back(
    tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = tiny_examples(16)
    student = derive(tiny, [Prune(0.5)])
    with second_device(monkeypatch, "cuda"):
        targets = finish(compute_targets(tiny, examples, states=False))
        events = distil(student, examples, examples, targets, targets, config().distil)
        next(events)
        assert type(next(student.model.parameters())) is Elsewhere
        events.close()
    assert bytes_of(student.model)
    assert all(type(mask) is torch.Tensor for mask in student.masks.values())
