"""A tiny BERT, a few real sentences, and a home of its own for every test."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizer, PreTrainedTokenizerBase

from labcore.compress.calibration import Calibration
from labcore.data.batches import Encoded
from labcore.data.tasks import Examples
from labcore.evaluate import reference
from labcore.models import encoder
from labcore.models.architecture import Architecture
from labcore.runs.store import Store

torch.set_num_threads(1)  # a tiny BERT gains nothing from a second thread, and loses much where cores are shared

TINY = Architecture(hidden=16, layers=4, heads=4, intermediate=32, vocabulary=60, positions=24)


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees another's runs, nor the person's own, nor those that ship with the lab."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "lab"))
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "recorded")
    return tmp_path / "lab"


@pytest.fixture
def store(lab_home: Path) -> Store:
    return Store()


@pytest.fixture
def tiny() -> BertForSequenceClassification:
    """A BERT of 4 layers × 16 with random weights, in evaluation mode; matrices large enough that it answers variously."""
    model = encoder.start_at_random(encoder.build(TINY), seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
    return model


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerBase:
    """A tokenizer of the tiny BERT's 60 word pieces."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "w", "a", "##a", "##b", "##c"]
    tokens += [f"w{chr(97 + i // 10)}{chr(97 + i % 10)}" for i in range(TINY.vocabulary - len(tokens))]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(tokens)})


@pytest.fixture
def calibration(tokenizer: PreTrainedTokenizerBase) -> Calibration:
    """Training sentences for the tiny BERT: words that are one piece each, early ones the more frequent."""
    generator = torch.Generator().manual_seed(5)
    words = [
        piece
        for piece in sorted(tokenizer.get_vocab(), key=lambda p: p[::-1])
        if len(piece) == 3 and piece.startswith("w")
    ]
    chosen = (torch.rand(300, 8, generator=generator) ** 2 * (len(words) - 10)).long()
    texts = tuple(" ".join(words[i] for i in row[: 3 + n % 6]) for n, row in enumerate(chosen.tolist()))
    return Calibration(lambda: (tokenizer, Examples(texts, tuple(i % 2 for i in range(len(texts)))), TINY.positions))


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
