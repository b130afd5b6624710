"""The shapes of a student as plain data, and a classifier built to them: for saving, loading and counting."""

from __future__ import annotations

import copy

import torch
from torch import nn
from transformers import PretrainedConfig

from labcore.models import classifier, encoder
from labcore.models.architecture import LayerShape, Role, Structure
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.low_rank import LowRankEmbedding, LowRankLinear
from labcore.models.new_sizes import select_heads, select_neurons


def structure_of(model: Classifier) -> Structure:
    """The shapes of a classifier, compressed or not."""
    architecture = encoder.architecture_of(model)
    _, words = encoder.word_embeddings(model)
    return Structure(
        architecture,
        tuple(_shape_of(model, layer) for layer in range(architecture.layers)),
        words.up.in_features if isinstance(words, LowRankEmbedding) else None,
    )


def build(structure: Structure, like: PretrainedConfig | None = None) -> Classifier:
    """A classifier of these shapes on the meta device; see `classifier.build`."""
    architecture = structure.architecture
    model = classifier.build(architecture, like)
    family = family_of(model.config)
    for layer, shape in enumerate(structure.layers):
        select_heads(model, layer, torch.arange(shape.heads))
        select_neurons(model, layer, torch.arange(shape.intermediate))
        if shape.extra_norm:
            _add_norm(model, layer)
        matrices = {role: encoder.matrix(model, layer, role) for role in family.layer.roles}
        for role, rank in shape.ranks:
            matrix = matrices[role]
            assert isinstance(matrix, nn.Linear)
            factors = LowRankLinear(matrix.in_features, matrix.out_features, rank, matrix.bias is not None)
            model.set_submodule(family.matrix_name(layer, role), factors)
    if structure.embedding_rank is not None:
        path, words = encoder.word_embeddings(model)
        assert isinstance(words, nn.Embedding)
        table = LowRankEmbedding(words.num_embeddings, words.embedding_dim, structure.embedding_rank, words.padding_idx)
        model.set_submodule(path, table)
    return model


def _add_norm(model: Classifier, layer: int) -> None:
    """Put a LayerNorm before the attention of a layer, of the shape of its other one."""
    family, modules = family_of(model.config), encoder.layer_modules(model, layer)
    path = f"{family.layers}.{layer}.{family.layer.attention_norm}"
    model.set_submodule(path, copy.deepcopy(modules.feed_forward_norm))


def _shape_of(model: Classifier, layer: int) -> LayerShape:
    roles = family_of(model.config).layer.roles
    matrices = {role: encoder.matrix(model, layer, role) for role in roles}
    ranks: list[tuple[Role, int]] = [
        (role, matrix.up.in_features) for role, matrix in matrices.items() if isinstance(matrix, LowRankLinear)
    ]
    return LayerShape(
        heads=encoder.heads_in(model, layer)[0],
        intermediate=encoder.neurons_in(model, layer),
        ranks=tuple(ranks),
        extra_norm=encoder.has_extra_norm(model, layer),
    )
