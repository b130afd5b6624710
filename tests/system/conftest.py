"""A small disk, a store on it, and a short run of a tiny BERT."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.config.spec import Spec
from labcore.data.examples import SPLITS, Examples
from labcore.runs.store import Store
from tests.shared.disk import Disk, small_disk
from tests.shared.tiny import TINY
from tests.shared.tiny_tasks import give_task, task_with


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def own(disk: Disk) -> Store:
    """A store on the small disk, with a run in it."""
    store = Store(disk.path / "lab")
    store.update(store.create(Spec()), "stopped")
    return store


@pytest.fixture
def spec(tmp_path: Path, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """A run of five steps on the tiny BERT."""
    folder = tmp_path / "teacher"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(TINY.vocabulary - 5))]
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(words)})
    inputs = [f"w{i % 40} w{(7 * i) % 50} w{(3 * i) % 55}" for i in range(90)]
    with torch.inference_mode():
        logits = torch.cat([tiny(**tokenizer(text, return_tensors="pt")).logits for text in inputs])
    margin = logits[:, 1] - logits[:, 0]
    with torch.no_grad():
        tiny.classifier.bias[0] += margin.median()  # half of the texts in each class: a teacher that does its task
    tiny.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    labels = (margin > margin.median()).int().tolist()
    splits = {
        split: Examples(tuple(inputs[i:j]), tuple(labels[i:j]))
        for split, (i, j) in zip(SPLITS, ((0, 40), (40, 60), (60, 90)), strict=True)
    }
    give_task(monkeypatch, task_with(splits))
    return Spec.from_dict(
        {
            "teacher": str(folder),
            "steps": [{"kind": "keep_layers", "count": 2}],
            "distil": {"epochs": 1, "batch_size": 8},
        }
    )
