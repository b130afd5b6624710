"""A classifier of given sizes: without weights, on the meta device, or with random ones."""

from __future__ import annotations

import copy
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import CONFIG_MAPPING, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, PretrainedConfig, PreTrainedModel

from labcore.models.architecture import Architecture
from labcore.models.family import BERT, FAMILIES, family_of

Classifier = PreTrainedModel  # of a family in FAMILIES, with a head for sequence classification


def class_for(config: PretrainedConfig) -> type[Classifier]:
    """The transformers class of a sequence classifier with this config."""
    return cast(type[Classifier], MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)])


def config_from(data: dict[str, Any]) -> PretrainedConfig:
    """The config with the fields of a saved config.json. Raises ValueError if its family is not in FAMILIES."""
    model_type = data.get("model_type")
    if not isinstance(model_type, str) or model_type not in FAMILIES:
        raise ValueError(f"the lab has no family of type {model_type!r}; it takes {', '.join(FAMILIES)}")
    return CONFIG_MAPPING[model_type].from_dict(data)


def is_classifier(model: object) -> bool:
    """Whether this is a sequence classifier of one of the lab's families."""
    if not isinstance(model, PreTrainedModel) or model.config.model_type not in FAMILIES:
        return False
    return isinstance(model, class_for(model.config))


def build(architecture: Architecture, like: PretrainedConfig | None = None) -> Classifier:
    """A new classifier on the meta device: shapes without weights, until `initialise_randomly`.

    What the sizes leave open (family, activation, dropout, label names …) is as in `like`, or BERT's usual.
    """
    config: Any = CONFIG_MAPPING[BERT.model_type]() if like is None else copy.deepcopy(like)
    for size, name in family_of(config).sizes.items():
        setattr(config, name, getattr(architecture, size))
    if len(config.id2label or {}) != architecture.labels:
        config.num_labels = architecture.labels
    with torch.device("meta"):
        return class_for(config)(config)


@torch.no_grad()
def initialise_randomly(model: Classifier, seed: int = 0) -> Classifier:
    """Give a model on the meta device random weights on the processor, its family's usual ones; returns the model.

    They come from a generator of their own: torch's global one belongs to the run that trains beside it.
    """
    model.to_empty(device="cpu")
    for name, buffer in model.named_buffers():
        buffer.zero_()
        if name.endswith("position_ids"):
            buffer.copy_(torch.arange(buffer.shape[-1]))
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            module.weight.normal_(0.0, model.config.initializer_range, generator=generator)
        if isinstance(module, nn.Linear) and module.bias is not None:
            module.bias.zero_()
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            module.weight[module.padding_idx].zero_()
        if isinstance(module, nn.LayerNorm):
            module.weight.fill_(1.0)
            module.bias.zero_()
    return model


def initial_zeros(model: Classifier) -> dict[str, Tensor]:
    """By parameter name, the zeros in each row (rows,) that `initialise_randomly` sets: biases and the padding row."""
    zeros: dict[str, Tensor] = {}
    for path, module in model.named_modules():
        bias = getattr(module, "bias", None)
        if isinstance(module, nn.Linear | nn.LayerNorm) and isinstance(bias, nn.Parameter):
            zeros[f"{path}.bias"] = torch.ones(len(bias), dtype=torch.long)
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            rows = torch.zeros(module.num_embeddings, dtype=torch.long)
            rows[module.padding_idx] = module.embedding_dim
            zeros[f"{path}.weight"] = rows
    return zeros


def set_dropout(model: Classifier, rate: float) -> None:
    """Set the fraction of activations that every dropout of the model leaves out in training."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate
