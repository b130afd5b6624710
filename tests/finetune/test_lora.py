"""Making a teacher, on a tiny base: what is written is what was measured, and the mean is that of the orders."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.compress.calibration import Calibration
from labcore.data.batches import encode
from labcore.data.examples import Examples, Split
from labcore.data.tasks import Task, load_task, recipes
from labcore.evaluate.metrics import accuracy, predict
from labcore.finetune import lora, train_stage
from labcore.finetune.recipe import Recipe, TrainingStage
from labcore.models import classifier
from labcore.models.classifier import Classifier
from labcore.models.encoder import EncoderOutput
from labcore.teacher import load
from tests.shared.second_device import Elsewhere, second_device
from tests.shared.tiny import TINY
from tests.shared.tiny_tasks import give_task

CLASSES = 5


def tiny_base(num_labels: int) -> BertForSequenceClassification:
    return classifier.initialise_randomly(classifier.build(replace(TINY, labels=num_labels)), seed=1)


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, tokenizer: PreTrainedTokenizerBase, calibration: Calibration) -> Task:
    """`news` in the tiny BERT's words, five classes, and a recipe of few steps."""
    column = calibration.examples.text
    parts: dict[Split, tuple[int, int]] = {"train": (0, 200), "validation": (200, 250), "test": (250, 300)}
    splits = {
        split: Examples(column[low:high], tuple(len(text) % CLASSES for text in column[low:high]))
        for split, (low, high) in parts.items()
    }
    recipe = Recipe(
        teacher="news",
        own=TrainingStage(name="articles", epochs=2, batch=16, rate=5e-3, smoothing=0.1, max_tokens=8),
        orders=2,
    )
    plain = load_task("news")
    made = replace(
        plain, label_names=tuple("abcde"), read=lambda: splits, max_tokens=TINY.positions, teachers=(recipe,)
    )
    give_task(monkeypatch, made)
    for module in (lora, train_stage):
        monkeypatch.setattr(module, "load_base", tiny_base)
    monkeypatch.setattr(lora, "load_tokenizer", lambda: tokenizer)
    return made


def test_what_is_written_is_what_was_measured(task: Task, tokenizer: PreTrainedTokenizerBase, tmp_path: Path) -> None:
    out = tmp_path / "news"
    events = list(lora.finetune("news", out, seed=3))
    per_epoch = -(-200 // 16)
    assert [(e["stage"], e["step"], e["steps"]) for e in events if e["event"] == "step"] == [
        ("articles", step, 2 * per_epoch) for _ in range(2) for step in range(1, 2 * per_epoch + 1)
    ]
    assert [e["stage"] for e in events if e["event"] == "validation"] == ["articles"] * 4 + ["mean"]
    last = events[-1]
    assert last["event"] == "finished"
    read_back = load.merge_adapter(tiny_base(CLASSES), out)
    for split in ("validation", "test"):
        encoded = encode(tokenizer, task.splits[split], task.max_tokens)  # type: ignore[index]
        assert last[split]["accuracy"] == accuracy(predict(read_back, encoded), encoded.labels)
        assert f"| {split} | 50 | {last[split]['accuracy']:.4f} |" in (out / "README.md").read_text()
    assert {p.name for p in tmp_path.iterdir()} == {"news"}  # nothing half-made beside it
    assert json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"] == load.BASE_ID
    again = list(lora.finetune("news", out, seed=3))  # in its place, and the same
    assert again[-1] | {"seconds": 0} == last | {"seconds": 0}


def test_the_mean_is_that_of_the_orders(task: Task, tokenizer: PreTrainedTokenizerBase) -> None:
    def trained(recipe: Recipe, seed: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        model = train_stage.with_adapter(CLASSES)
        assert isinstance(model, PeftModel)
        train, validation = (encode(tokenizer, task.splits[s], 24) for s in ("train", "validation"))
        list(lora._train_and_average(model, recipe, train, validation, seed))
        return {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}

    def without_dropout(num_labels: int) -> BertForSequenceClassification:
        model = tiny_base(num_labels)  # dropout draws from a generator that all orders share
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        return model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_stage, "load_base", without_dropout)
        recipe = recipes()["news"][1]
        both = trained(recipe, 0)
        first, second = (trained(replace(recipe, orders=1), seed) for seed in (0, 1))
    assert any(not torch.equal(first[name], second[name]) for name in both)
    for name, mean in both.items():
        torch.testing.assert_close(mean, (first[name] + second[name]) / 2, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("kind", ["cuda", "mps"])
@pytest.mark.usefixtures("task")
def test_a_teacher_is_the_same_on_another_device(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = list(lora.finetune("news", tmp_path / "here", seed=3))
    forward, on = train_stage.encoder.forward, set()

    def observed(model: Classifier, ids: torch.Tensor, *rest: torch.Tensor | None) -> EncoderOutput:
        on.add(type(ids))
        return forward(model, ids, *rest)

    monkeypatch.setattr(train_stage.encoder, "forward", observed)
    with sdpa_kernel(SDPBackend.MATH), second_device(monkeypatch, kind):
        there = list(lora.finetune("news", tmp_path / "there", seed=3))
    assert on == {Elsewhere}
    untimed = {"seconds": 0, "elapsed": 0}
    assert [event | untimed for event in there] == [event | untimed for event in here]
    weights = [(tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("here", "there")]
    assert weights[0] == weights[1]
