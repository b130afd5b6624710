"""Two teachers that somebody brought, of one task; and runs that checkpoints are saved of often."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.config.spec import Spec
from labcore.runs.checkpoint_saver import CheckpointSaver
from tests.shared.tiny import WORDS
from tests.shared.tiny_tasks import bring, give_task, task_of
from tests.shared.two_teachers import text, weaken


@pytest.fixture
def two(tmp_path: Path, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two teachers of one task, in folders of the same last part: `first/my_bert` and `second/my_bert`."""
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})
    first = bring(tiny, tokenizer, tmp_path / "first" / "my_bert")
    give_task(monkeypatch, task_of(first, text))
    second = tmp_path / "second" / "my_bert"
    shutil.copytree(first, second)
    weaken(second)
    return first, second


@pytest.fixture
def trained(spec: Spec) -> Spec:
    """Two epochs with dropout, two loss terms and validations."""
    return replace(spec, distil=replace(spec.distil, epochs=2, dropout=0.1, learning_rate=3e-3))


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint at each third event."""

    def save_if_due(self: CheckpointSaver) -> None:
        if self.events % 3 == 0:
            self.save()

    monkeypatch.setattr(CheckpointSaver, "save_if_due", save_if_due)
