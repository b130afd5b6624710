"""An odd student as a plain member of its family, which transformers can load: the same logits, in more parameters.

Factors are multiplied out. Heads and neurons that a layer lacks come back as zeros: a head without values and a neuron
without an output add nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Tensor, nn

from labcore.config.spec import SpecError
from labcore.models import classifier, encoder
from labcore.models.architecture import LayerShape, Role, Structure
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.low_rank import LowRankEmbedding, LowRankLinear, matrix_of
from labcore.models.parts import KEPT_HEADS, attention_module, submodule
from labcore.models.structure import build, structure_of


@torch.no_grad()
def dense(model: Classifier) -> tuple[Classifier, tuple[str, ...]]:
    """A plain member of the model's family with its logits, and a sentence for each part that is larger than before.

    A plain model comes back itself. Raises SpecError, with the reason, if its family has no such member.
    """
    structure = structure_of(model)
    if structure.plain:
        return model, ()
    if any(layer.extra_norm for layer in structure.layers):
        raise SpecError(
            "this student can't be a transformers folder: its first layer has a LayerNorm before its attention, and "
            "the first layer of its family has none; export it as onnx"
        )
    neurons = max(layer.intermediate for layer in structure.layers)
    sizes = replace(structure.architecture, intermediate=neurons)
    full = Structure(sizes, tuple(LayerShape(sizes.heads, neurons) for _ in structure.layers))
    made = classifier.initialise_randomly(build(full, model.config)).eval()
    family = family_of(model.config)
    state, copied = model.state_dict(), made.state_dict()
    for name, tensor in copied.items():
        if name in state and state[name].shape == tensor.shape:
            tensor.copy_(state[name])
    for i in range(sizes.layers):
        for role in family.layer.roles:
            _fill(encoder.matrix(made, i, role), encoder.matrix(model, i, role), *_kept(model, i, role, full))
    _, words = encoder.word_embeddings(model)
    if isinstance(words, LowRankEmbedding):
        path, _ = encoder.word_embeddings(made)
        submodule(made, path).weight.copy_(words.codes.weight @ words.up.weight.T)
    return made, tuple(_notes(structure, model, made))


def _kept(model: Classifier, i: int, role: Role, full: Structure) -> tuple[Tensor | None, Tensor | None]:
    """The rows and the columns of the full matrix that the layer's matrix has; None for all."""
    paths, size = family_of(model.config).layer, full.architecture.hidden // full.architecture.heads
    heads, _ = encoder.heads_in(model, i)
    kept = attention_module(model, i)._buffers.get(KEPT_HEADS)
    at = torch.arange(heads) if kept is None else kept
    of_heads = (at[:, None] * size + torch.arange(size)).flatten()
    neurons = torch.arange(encoder.neurons_in(model, i))
    if role in paths.head_roles:
        return _in_blocks(of_heads, paths.blocks(role), size * full.architecture.heads), None
    if role == "output":
        return None, of_heads
    if role == "up":
        return _in_blocks(neurons, paths.blocks(role), full.architecture.intermediate), None
    return None, neurons


def _in_blocks(rows: Tensor, blocks: int, size: int) -> Tensor:
    return (torch.arange(blocks)[:, None] * size + rows).flatten()


def _fill(into: nn.Module, source: nn.Module, rows: Tensor | None, columns: Tensor | None) -> None:
    """Put a matrix, and its bias, at these rows and columns of a larger one; all else becomes 0."""
    assert isinstance(into, nn.Linear)
    matrix = matrix_of(source)
    rows = torch.arange(len(matrix)) if rows is None else rows
    columns = torch.arange(matrix.shape[1]) if columns is None else columns
    into.weight.zero_()
    into.weight[rows[:, None], columns] = matrix
    bias = (source.up if isinstance(source, LowRankLinear) else source).bias
    if into.bias is not None:
        assert isinstance(bias, Tensor)
        into.bias.zero_()
        into.bias[rows] = bias


def _notes(structure: Structure, model: Classifier, made: Classifier) -> Iterable[str]:
    layers, sizes = structure.layers, encoder.architecture_of(made)
    if structure.embedding_rank is not None or any(layer.ranks for layer in layers):
        yield "Matrices in two factors were multiplied out."
    if any(layer.heads < sizes.heads for layer in layers):
        yield "Removed heads came back as zeros."
    if any(layer.intermediate < sizes.intermediate for layer in layers):
        yield "Removed feed-forward neurons came back as zeros, up to the widest layer."
    before, after = (sum(parameter.numel() for parameter in each.parameters()) for each in (model, made))
    yield f"So this folder has {after:,} parameters, and the student {before:,}."
