"""A tiny BERT, a few real sentences, and a home of its own for every test."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.data.batches import Encoded
from labcore.runs.store import Store
from labcore.teacher import bert
from labcore.teacher.architecture import Architecture

torch.set_num_threads(1)  # a tiny BERT gains nothing from a second thread, and loses much where cores are shared

TINY = Architecture(hidden=16, layers=4, heads=4, intermediate=32, vocabulary=60, positions=24)


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees another's runs, nor the person's own."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "lab"))
    return tmp_path / "lab"


@pytest.fixture
def store(lab_home: Path) -> Store:
    return Store()


@pytest.fixture
def tiny() -> BertForSequenceClassification:
    """A BERT of 4 layers × 16 with random weights, in evaluation mode; matrices large enough that it answers variously."""
    torch.manual_seed(1)
    model = bert.build(TINY).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
    return model


def sentences(n: int, seed: int = 0) -> Encoded:
    """`n` ragged rows of word pieces that the tiny BERT knows; the label is whether a row holds piece 7."""
    generator = torch.Generator().manual_seed(seed)
    rows, labels = [], []
    for _ in range(n):
        length = int(torch.randint(3, 20, (1,), generator=generator))
        row = torch.randint(5, 60, (length,), generator=generator).tolist()
        labels.append(int(7 in row or row[0] % 2))
        rows.append((2, *row, 3))
    return Encoded(tuple(rows), torch.tensor(labels), padding=0)


def bytes_of(model: torch.nn.Module) -> dict[str, str]:
    """A hash of the bytes of each of a model's tensors."""
    return {name: hashlib.sha256(t.numpy().tobytes()).hexdigest() for name, t in model.state_dict().items()}
