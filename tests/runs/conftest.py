"""Two teachers that somebody brought, of one task."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from transformers import BertForSequenceClassification, BertTokenizerFast

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
