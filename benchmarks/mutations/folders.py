"""The good teacher folder that mutations change, and how its files are read and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import BertTokenizerFast

from labcore.models import classifier
from labcore.models.architecture import Architecture

SIZES = Architecture(hidden=16, layers=2, heads=4, intermediate=24, vocabulary=60, positions=24)
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", *(f"w{i}" for i in range(SIZES.vocabulary - 7)))


def good_folder(folder: Path) -> Path:
    """A tiny BERT classifier with its tokenizer, as save_pretrained writes them, and logits that vary."""
    model = classifier.initialise_randomly(classifier.build(SIZES), seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
    model.save_pretrained(folder)
    BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)}).save_pretrained(folder)
    return folder


def config_of(folder: Path) -> dict[str, Any]:
    """Its config.json."""
    return json.loads((folder / "config.json").read_text())  # type: ignore[no-any-return]


def write_json(path: Path, data: object) -> None:
    """Write a file of JSON."""
    path.write_text(json.dumps(data))


def tensors_of(folder: Path) -> dict[str, Tensor]:
    """Its weights, by name."""
    return load_file(folder / "model.safetensors")


def save_tensors(folder: Path, tensors: dict[str, Tensor]) -> None:
    """Replace its weights."""
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(contiguous, folder / "model.safetensors", metadata={"format": "pt"})
