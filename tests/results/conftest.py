"""A tiny teacher, and a task that it labels without error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.data.batches import encode
from labcore.data.examples import SPLITS, Examples, Split
from labcore.evaluate.metrics import predict
from tests.shared.tiny import TINY, WORDS
from tests.shared.tiny_tasks import give_task, task_with


def _text(i: int) -> str:
    return f"w{i % 40} w{(3 * i) % 50} w{i % 7}"


@pytest.fixture
def spec(tmp_path: Path, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """A spec of a tiny teacher in a folder, and of a task of a few dozen examples that its teacher labels."""
    folder = tmp_path / "teacher"
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})
    unlabelled = Examples(tuple(map(_text, range(40))), (0,) * 40)
    apart = predict(tiny, encode(tokenizer, unlabelled, TINY.positions)).diff(dim=-1).median()
    with torch.no_grad():
        tiny.classifier.bias[1] -= apart  # so that it predicts both classes, as often
    tiny.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    splits: dict[Split, Examples] = {}
    for split, n in zip(SPLITS, (40, 20, 30), strict=True):
        examples = Examples(tuple(map(_text, range(n))), (0,) * n)
        predicted = predict(tiny, encode(tokenizer, examples, TINY.positions)).argmax(-1)
        splits[split] = replace(examples, labels=tuple(predicted.tolist()))
    give_task(monkeypatch, task_with(splits, label_names=("negative", "positive"), max_tokens=TINY.positions))
    return Spec(teacher=str(folder), steps=(KeepLayers(count=2),), distil=DistilConfig(epochs=1, batch_size=8))
