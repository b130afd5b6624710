"""A tiny model of each family, with random weights, and examples that it can read."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import CONFIG_MAPPING

from labcore.data.batches import Encoded
from labcore.models import classifier
from labcore.models.architecture import Architecture
from labcore.models.classifier import Classifier
from labcore.models.family import FAMILIES

TOKENS = 60
_SPECIAL_TOKENS = {"pad_token_id": 0, "cls_token_id": 2, "bos_token_id": 2, "sep_token_id": 3, "eos_token_id": 3}
# What is special about a family's models. "electra-wide" has token vectors of the hidden states' width.
# "modernbert-mean" has all biases, another order of layers, and a head that reads the mean over all tokens.
SPECIAL: dict[str, dict[str, Any]] = {
    "ernie": {"use_task_id": True},
    "roberta": {"type_vocab_size": 1},
    "electra": {"embedding_size": 10},
    "electra-wide": {"embedding_size": 16},
    "modernbert": _SPECIAL_TOKENS | {"local_attention": 8},  # fewer tokens than the examples have
    "modernbert-mean": _SPECIAL_TOKENS
    | {
        "local_attention": 11,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        "classifier_pooling": "mean",
        "attention_dropout": 0.1,
        **dict.fromkeys(("norm_bias", "attention_bias", "mlp_bias", "classifier_bias"), True),
    },
}
NAMES = (*FAMILIES, "electra-wide", "modernbert-mean")
# For longer tests: one of each kind at once, those that are like another one in the full suite.
ONE_OF_EACH = ("roberta", "xlm-roberta", "distilbert", "electra", "mpnet", "modernbert")
BY_KIND = [name if name in ONE_OF_EACH else pytest.param(name, marks=pytest.mark.full) for name in NAMES]


def kind_of(name: str) -> str:
    """The family of a model in NAMES."""
    return name if name in FAMILIES else name.rpartition("-")[0]


def tiny_family(name: str, seed: int = 1) -> Classifier:
    """A classifier of 3 layers × 16, in evaluation mode; large weights make its predictions vary, biases are random."""
    kind = kind_of(name)
    family = FAMILIES[kind]
    sizes = {"hidden": 16, "layers": 3, "heads": 4, "intermediate": 32, "vocabulary": TOKENS, "positions": 26}
    fields = {family.sizes[size]: number for size, number in sizes.items()}
    config = CONFIG_MAPPING[kind](**fields, **SPECIAL.get(name, {}), num_labels=2)
    model = classifier.initialise_randomly(classifier.build(family.architecture_in(config), config), seed).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
            else:
                parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.2)
    return model


def sizes_of(model: Classifier) -> Architecture:
    """The sizes of a model, by its config."""
    return FAMILIES[model.config.model_type].architecture_in(model.config)


def padding_of(model: Classifier) -> int:
    """The padding token's id."""
    assert isinstance(model.config.pad_token_id, int)
    return model.config.pad_token_id


def family_examples(model: Classifier, n: int = 24, seed: int = 0) -> Encoded:
    """`n` examples of 3 to 22 tokens, without the padding token among them."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for _ in range(n):
        length = int(torch.randint(1, 21, (1,), generator=generator))
        rows.append((2, *torch.randint(5, TOKENS, (length,), generator=generator).tolist(), 3))
    labels = torch.tensor([row[1] % 2 for row in rows])
    return Encoded(tuple(rows), labels, padding=padding_of(model))


def padded(examples: Encoded) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids (N, T), and a mask that is false at padding."""
    width = max(map(len, examples.tokens))
    ids = torch.tensor([row + (examples.padding,) * (width - len(row)) for row in examples.tokens])
    lengths = torch.tensor([len(row) for row in examples.tokens])
    return ids, torch.arange(width) < lengths[:, None]
