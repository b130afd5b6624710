"""A teacher that a person brings to a command."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import BertForSequenceClassification, BertTokenizerFast

from tests.shared.tiny import TINY


@pytest.fixture
def folder_teacher(tmp_path: Path, tiny: BertForSequenceClassification) -> Path:
    """A teacher as a person would bring one: a folder with weights and a tokenizer."""
    folder = tmp_path / "teacher"
    tiny.save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(TINY.vocabulary - 5))]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
