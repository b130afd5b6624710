"""A tiny BERT's shape, vocabulary and examples, and the hash of a model's tensors."""

from __future__ import annotations

import hashlib

import torch
from transformers import BertForSequenceClassification

from labcore.data.batches import Encoded
from labcore.models import classifier
from labcore.models.architecture import Architecture
from labcore.models.placement import to_host

TINY = Architecture(hidden=16, layers=4, heads=4, intermediate=32, vocabulary=60, positions=24)


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(TINY.vocabulary - 5))]


def tiny_bert() -> BertForSequenceClassification:
    """A BERT of 4 layers × 16 with random weights, in evaluation mode; large matrices make its predictions vary."""
    model = classifier.initialise_randomly(classifier.build(TINY), seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
    assert isinstance(model, BertForSequenceClassification)
    return model


def tiny_examples(n: int, seed: int = 0) -> Encoded:
    """`n` examples of different lengths. Those that hold token 7 are positive, and about half of the others."""
    generator = torch.Generator().manual_seed(seed)
    rows, labels = [], []
    for _ in range(n):
        length = int(torch.randint(3, 20, (1,), generator=generator))
        row = torch.randint(5, 60, (length,), generator=generator).tolist()
        labels.append(int(7 in row or row[0] % 2))
        rows.append((2, *row, 3))
    return Encoded(tuple(rows), torch.tensor(labels), padding=0)


def bytes_of(model: torch.nn.Module) -> dict[str, str]:
    """A hash of the bytes of each of a model's tensors, on any device."""
    return {name: hashlib.sha256(to_host(t).numpy().tobytes()).hexdigest() for name, t in model.state_dict().items()}
