"""A classifier of given sizes: without weights, on the meta device, or with random ones."""

from __future__ import annotations

import copy
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import CONFIG_MAPPING, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, PretrainedConfig, PreTrainedModel

from labcore.models.architecture import Architecture
from labcore.models.family import FAMILIES, Family, family_labels, family_of
from labcore.models.family_parts import Layer
from labcore.system.processor import HOST

Classifier = PreTrainedModel  # of a family in FAMILIES, with a head for sequence classification
COUNTING_BUFFERS = ("position_ids", "kept_heads")  # the names of those that hold 0, 1, 2 … in a new model


def class_for(config: PretrainedConfig) -> type[Classifier]:
    """The transformers class of a sequence classifier with this config."""
    return cast(type[Classifier], MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)])


def config_from(data: dict[str, Any]) -> PretrainedConfig:
    """The config with the fields of a saved config.json. Raises ValueError if its family is not in FAMILIES."""
    model_type = data.get("model_type")
    if not isinstance(model_type, str) or model_type not in FAMILIES:
        raise ValueError(f"the lab has no family of type {model_type!r}; it takes {family_labels()}")
    return CONFIG_MAPPING[model_type].from_dict(data)


def is_classifier(model: object) -> bool:
    """Whether this is a sequence classifier of one of the lab's families."""
    if not isinstance(model, PreTrainedModel) or model.config.model_type not in FAMILIES:
        return False
    return isinstance(model, class_for(model.config))


def build(architecture: Architecture, like: PretrainedConfig | None = None) -> Classifier:
    """A new classifier on the meta device: shapes without weights, until `initialise_randomly`.

    What the sizes leave open (activation, dropout, label names …) is as in `like`, or the family's usual.
    """
    config: Any = CONFIG_MAPPING[architecture.family]() if like is None else copy.deepcopy(like)
    for name, size in family_of(config).config_sizes(architecture, config).items():
        setattr(config, name, size)
    if len(config.id2label or {}) != architecture.labels:
        config.num_labels = architecture.labels
    if like is None and (config.pad_token_id or 0) >= architecture.vocabulary:
        config.pad_token_id = None  # the family's usual one has no row
    with torch.device("meta"):
        return class_for(config)(config)


@torch.no_grad()
def initialise_randomly(model: Classifier, seed: int = 0) -> Classifier:
    """Give a model on the meta device random weights on the host, its family's usual ones; returns the model.

    They come from a generator of their own: torch's global one belongs to the run that trains beside it.
    """
    model.to_empty(device=HOST)
    for name, buffer in model.named_buffers():
        buffer.zero_()
        if name.endswith(COUNTING_BUFFERS):
            buffer.copy_(torch.arange(buffer.shape[-1]))
    family, config = family_of(model.config), model.config
    if family.rotary is not None:  # its buffers hold the bases of the rotations
        rotations = type(model.get_submodule(family.rotary.module))
        model.set_submodule(family.rotary.module, rotations(config=config))
    generator = torch.Generator().manual_seed(seed)
    for path, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            _draw(module.weight, family.deviation(path, config), _cutoff(family, config), generator)
        if isinstance(module, nn.Linear) and module.bias is not None:
            module.bias.zero_()
        if isinstance(module, nn.Embedding) and module.padding_idx is not None and family.initial.padding:
            module.weight[module.padding_idx].zero_()
        if isinstance(module, nn.LayerNorm):
            module.weight.fill_(1.0)
            if module.bias is not None:
                module.bias.zero_()
    return model


def _draw(weight: Tensor, deviation: float, cutoff: float | None, generator: torch.Generator) -> None:
    """Fill with normal numbers of this deviation. cutoff: the largest, in deviations; None for no limit."""
    if cutoff is None:
        weight.normal_(0.0, deviation, generator=generator)
    else:
        limit = cutoff * deviation
        nn.init.trunc_normal_(weight, 0.0, deviation, -limit, limit, generator=generator)


def _cutoff(family: Family, config: Any) -> float | None:
    """The number of deviations beyond which no weight is drawn; None: any is."""
    field = family.initial.cutoff
    if field is None:
        return None
    return 3.0 if getattr(config, field) is None else float(getattr(config, field))


def initial_zeros(model: Classifier) -> dict[str, Tensor]:
    """By parameter name, the zeros in each row (rows,) that `initialise_randomly` sets: biases and the padding row."""
    zeros: dict[str, Tensor] = {}
    padding = family_of(model.config).initial.padding
    for path, module in model.named_modules():
        bias = getattr(module, "bias", None)
        if isinstance(module, nn.Linear | nn.LayerNorm) and isinstance(bias, nn.Parameter):
            zeros[f"{path}.bias"] = torch.ones(len(bias), dtype=torch.long)
        if isinstance(module, nn.Embedding) and module.padding_idx is not None and padding:
            rows = torch.zeros(module.num_embeddings, dtype=torch.long)
            rows[module.padding_idx] = module.embedding_dim
            zeros[f"{path}.weight"] = rows
    return zeros


def set_dropout(model: Classifier, rate: float) -> None:
    """Set the fraction of activations that every dropout of the model leaves out in training."""
    family = family_of(model.config)
    for layer in model.get_submodule(family.layers).children():
        _set_in_layer(layer, family.layer, rate)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate


def _set_in_layer(layer: nn.Module, paths: Layer, rate: float) -> None:
    """Set the dropout that is a number, and make the one that transformers makes only for a rate above 0."""
    owner, _, name = paths.weight_dropout.rpartition(".")
    holder = layer.get_submodule(owner)
    if name not in holder._modules:
        setattr(holder, name, rate)
    path = paths.output_dropout
    if path is not None and isinstance(layer.get_submodule(path), nn.Identity):
        layer.set_submodule(path, nn.Dropout(rate).train(layer.training))
