"""Remove layers, heads, neurons or tokens, and note it in model and config, so that both are right after a reload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.low_rank import keep_inputs, keep_outputs, keep_tokens
from labcore.models.parts import (
    KEPT_HEADS,
    attention_module,
    heads_in,
    layer_list,
    matrix,
    neurons_in,
    submodule,
    word_embeddings,
)


def select_layers(model: Classifier, layers: Sequence[int]) -> None:
    """Keep the encoder layers at these indices, in this order. Each keeps its norms and its kind of attention."""
    family, every = family_of(model.config), layer_list(model)
    model.set_submodule(family.layers, nn.ModuleList([every[i] for i in layers]))
    for name, value in family.of_layers(model.config, layers).items():
        setattr(model.config, name, value)


def select_heads(model: Classifier, layer: int, kept: Tensor) -> None:
    """Keep the heads of a layer with these indices. Their width is still hidden / heads of the config."""
    heads, size = heads_in(model, layer)
    family, module = family_of(model.config), layer_list(model)[layer]
    rows = (kept[:, None] * size + torch.arange(size)).flatten()
    for role in family.layer.head_roles:
        keep_outputs(matrix(model, layer, role), _in_blocks(rows, family.layer.blocks(role), heads * size))
    keep_inputs(matrix(model, layer, "output"), rows)
    for path, value in ((family.layer.heads, len(kept)), (family.layer.all_heads_size, len(rows))):
        if path is not None:
            owner, _, name = path.rpartition(".")
            setattr(submodule(module, owner), name, value)
    if family.relative_bias is not None and len(kept) < heads:
        _note_kept_heads(attention_module(model, layer), kept)


def select_neurons(model: Classifier, layer: int, kept: Tensor) -> None:
    """Keep the feed-forward neurons of a layer with these indices, and their gates."""
    blocks = family_of(model.config).layer.blocks("up")
    keep_outputs(matrix(model, layer, "up"), _in_blocks(kept, blocks, neurons_in(model, layer)))
    keep_inputs(matrix(model, layer, "down"), kept)


def _in_blocks(rows: Tensor, blocks: int, size: int) -> Tensor:
    """The same rows of each block; `blocks` of them, each of `size` rows, stand one below the other."""
    return (torch.arange(blocks)[:, None] * size + rows).flatten()


def set_neurons(model: Classifier, neurons: int) -> None:
    """Note in the config how many feed-forward neurons each layer has now."""
    setattr(model.config, family_of(model.config).sizes["intermediate"], neurons)


def select_tokens(model: Classifier, kept: Sequence[int]) -> None:
    """Keep the tokens with these ids, in this order."""
    _, words = word_embeddings(model)
    keep_tokens(words, torch.tensor(kept))
    setattr(model.config, family_of(model.config).sizes["vocabulary"], len(kept))
    new_ids = {old: new for new, old in enumerate(kept)}
    for name, token in model.config.to_dict().items():  # of [CLS], [PAD] and so on
        if name.endswith("_token_id") and isinstance(token, int):
            setattr(model.config, name, new_ids.get(token))
    for module in words.modules():
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            module.padding_idx = new_ids.get(module.padding_idx)


def _note_kept_heads(attention: nn.Module, kept: Tensor) -> None:
    """Note which heads an attention kept, because the bias that all layers share still has all of them."""
    before = attention._buffers.get(KEPT_HEADS)
    device = next(attention.parameters()).device
    kept = kept.to(device)
    attention.register_buffer(KEPT_HEADS, kept if before is None else before[kept])
    if before is None:
        attention.register_forward_pre_hook(_select_bias)


def _select_bias(attention: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """For transformers' own forward pass: the bias (B, heads, T, T) of the heads that the attention kept."""
    states, mask, bias, *others = given
    return states, mask, bias[:, attention.get_buffer(KEPT_HEADS)], *others
