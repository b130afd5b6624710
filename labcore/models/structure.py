"""The shapes of a student as plain data, and a classifier built to them: for saving, loading and counting."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn
from transformers import PretrainedConfig

from labcore.models import classifier, encoder
from labcore.models.architecture import ROLES, LayerShape, Role, Structure
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.low_rank import LowRankEmbedding, LowRankLinear, keep_inputs, keep_outputs
from labcore.models.new_sizes import set_heads


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
    family, size = family_of(model.config), architecture.hidden // architecture.heads
    for layer, shape in enumerate(structure.layers):
        matrices = {role: encoder.matrix(model, layer, role) for role in ROLES}
        attended, neurons = torch.arange(shape.heads * size), torch.arange(shape.intermediate)
        for role in ("query", "key", "value"):
            keep_outputs(matrices[role], attended)
        keep_inputs(matrices["output"], attended)
        keep_outputs(matrices["up"], neurons)
        keep_inputs(matrices["down"], neurons)
        set_heads(model, layer, shape.heads)
        for role, rank in shape.ranks:
            matrix = matrices[role]
            assert isinstance(matrix, nn.Linear)
            with torch.device("meta"):
                factors = LowRankLinear(matrix.in_features, matrix.out_features, rank)
            model.set_submodule(family.matrix_name(layer, role), factors)
    if structure.embedding_rank is not None:
        path, words = encoder.word_embeddings(model)
        assert isinstance(words, nn.Embedding)
        with torch.device("meta"):
            table = LowRankEmbedding(
                words.num_embeddings, words.embedding_dim, structure.embedding_rank, words.padding_idx
            )
        model.set_submodule(path, table)
    return model


def one_layer(structure: Structure, shape: LayerShape | None) -> Structure:
    """The same student with this encoder layer alone, or with none."""
    layers = () if shape is None else (shape,)
    return replace(structure, architecture=replace(structure.architecture, layers=len(layers)), layers=layers)


def _shape_of(model: Classifier, layer: int) -> LayerShape:
    matrices = {role: encoder.matrix(model, layer, role) for role in ROLES}
    ranks: list[tuple[Role, int]] = [
        (role, matrix.up.in_features) for role, matrix in matrices.items() if isinstance(matrix, LowRankLinear)
    ]
    up = matrices["up"]
    top = up.up if isinstance(up, LowRankLinear) else up
    assert isinstance(top, nn.Linear)
    return LayerShape(encoder.heads_in(model, layer)[0], top.out_features, tuple(ranks))
