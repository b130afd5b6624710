"""A classifier's parts by what they do, and one forward pass for every family: it works from the `Family`'s data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers.activations import ACT2FN

from labcore.models.architecture import ROLES, Architecture, Role
from labcore.models.classifier import Classifier
from labcore.models.family import Family, architecture_in, family_of


def architecture_of(model: Classifier) -> Architecture:
    """The sizes of a classifier."""
    return architecture_in(model.config)


# -- parts -------------------------------------------------------------------------------------------


def layer_list(model: Classifier) -> nn.ModuleList:
    """The encoder layers."""
    layers = submodule(model, family_of(model.config).layers)
    assert isinstance(layers, nn.ModuleList)
    return layers


def matrix(model: Classifier, layer: int, role: Role) -> nn.Module:
    """The module that holds a matrix of a layer."""
    return model.get_submodule(family_of(model.config).matrix_name(layer, role))


def encoder_matrices(model: Classifier) -> dict[str, nn.Module]:
    """The modules that hold the encoder's matrices, by path: six in each layer. No LayerNorm, bias or embedding."""
    family, layers = family_of(model.config), range(len(layer_list(model)))
    names = [family.matrix_name(layer, role) for layer in layers for role in ROLES]
    return {name: model.get_submodule(name) for name in names}


def word_embeddings(model: Classifier) -> tuple[str, nn.Module]:
    """The module that gives each token its vector, and its path."""
    path = family_of(model.config).embeddings.words
    return path, model.get_submodule(path)


def embedding_tables(model: Classifier) -> tuple[Any, Any, Any]:
    """The modules that give the vectors of tokens, of positions and of token types."""
    paths = family_of(model.config).embeddings
    words, positions, types = (model.get_submodule(path) for path in (paths.words, paths.positions, paths.token_types))
    return words, positions, types


def embedding_norm(model: Classifier) -> nn.LayerNorm:
    """The LayerNorm after the embeddings' sum."""
    norm = model.get_submodule(family_of(model.config).embeddings.norm)
    assert isinstance(norm, nn.LayerNorm)
    return norm


def head(model: Classifier) -> tuple[nn.Linear, nn.Linear]:
    """The two linear maps from the [CLS] state to the logits; an activation stands between them."""
    paths = family_of(model.config).head
    return cast(nn.Linear, model.get_submodule(paths.pooled)), cast(nn.Linear, model.get_submodule(paths.logits))


def heads_in(model: Classifier, layer: int) -> tuple[int, int]:
    """How many heads a layer has, and how wide each is."""
    paths, module = family_of(model.config).layer, layer_list(model)[layer]
    return number_in(module, paths.heads), number_in(module, paths.head_size)


@dataclass(frozen=True, slots=True)
class LayerModules:
    """The modules of an encoder layer by what they do. A matrix is linear, whole or in factors."""

    query: Any
    key: Any
    value: Any
    output: Any
    attention_norm: Any
    up: Any
    activation: Any
    down: Any
    feed_forward_norm: Any
    weight_dropout: Any
    output_dropout: Any
    down_dropout: Any
    heads: int
    head_size: int


def layer_modules(model: Classifier, layer: int) -> LayerModules:
    """The modules of the encoder layer with this index."""
    return _modules_in(family_of(model.config), layer_list(model)[layer])


def _modules_in(family: Family, layer: nn.Module) -> LayerModules:
    def at(path: str) -> Any:
        return submodule(layer, path)

    paths = family.layer
    return LayerModules(
        **{role: at(path) for role, path in paths.matrices.items()},
        attention_norm=at(paths.attention_norm),
        activation=at(paths.activation),
        feed_forward_norm=at(paths.feed_forward_norm),
        weight_dropout=at(paths.weight_dropout),
        output_dropout=at(paths.output_dropout),
        down_dropout=at(paths.down_dropout),
        heads=number_in(layer, paths.heads),
        head_size=number_in(layer, paths.head_size),
    )


def submodule(module: nn.Module, path: str) -> Any:
    """The submodule at a path. Read from the modules' own tables: attribute access takes 15 times as long."""
    for name in path.split("."):
        child = module._modules.get(name)
        module = cast(nn.Module, getattr(module, name)) if child is None else child  # PEFT wraps some modules
    return module


def number_in(module: nn.Module, path: str) -> int:
    """The number in an attribute of a submodule; its name is the last of the path."""
    owner, _, name = path.rpartition(".")
    return getattr(submodule(module, owner), name)


# -- the forward pass --------------------------------------------------------------------------------

SHORT = 48  # tokens: up to here two small matrix products are faster on a processor than torch's fused kernel


class EncoderOutput(NamedTuple):
    """What a model computes from a batch.

    logits: (B, C). states: after each encoder layer, of [CLS] (B, H), or of all tokens (B, T, H).
    relations: the last layer's queries, keys and values, each (B, T, width); empty unless all tokens were computed.
    """

    logits: Tensor
    states: list[Tensor]
    relations: tuple[Tensor, ...]


def forward(model: Classifier, ids: Tensor, mask: Tensor | None, *, all_tokens: bool = False) -> EncoderOutput:
    """Compute logits and states of a batch of token ids (B, T). mask (B, T) is true at real tokens; None: no padding.

    A classifier reads only the [CLS] state of its last layer. Unless `all_tokens`, that layer computes [CLS] alone. Its
    keys and values still come from every token; the rest, ten twelfths of its work, from one. The lab calls the modules
    itself because transformers captures no states from layers that were exchanged after the model's first use.
    """
    family = family_of(model.config)
    states = embed(model, ids)  # (B, T, H)
    bias = None if mask is None else attention_bias(mask, states.dtype)
    kept: list[Tensor] = []
    relations: tuple[Tensor, ...] = ()
    layers = layer_list(model)
    for i, module in enumerate(layers):
        layer = _modules_in(family, module)
        queried = states if all_tokens or i < len(layers) - 1 else states[:, :1]
        attended, relations = attention(layer, queried, states, bias)
        states = after_feed_forward(layer, after_attention(layer, attended, queried))
        kept.append(states if all_tokens else states[:, 0])
    return EncoderOutput(_classify(model, states[:, 0]), kept, relations if all_tokens else ())


def embed(model: Classifier, ids: Tensor, positions: Tensor | None = None) -> Tensor:
    """The states (B, T, H) before the first layer; positions (B, T) count from 0, which is the default."""
    family = family_of(model.config)
    embeddings = submodule(model, family.embeddings.module)
    if positions is None:
        return embeddings(input_ids=ids)
    return embeddings(input_ids=ids, position_ids=positions + family.first_position)


def attention_bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """What to add to attention scores, (B, 1, 1, T), so that no query attends to padding."""
    return torch.zeros(mask.shape, dtype=dtype).masked_fill_(~mask, -1e9)[:, None, None, :]


def attention(
    layer: LayerModules, queried: Tensor, states: Tensor, bias: Tensor | None, *, fused: bool | None = None
) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """The heads' output (B, Q, heads · size) for the queried tokens' states (B, Q, H), with queries, keys and values.

    states: (B, T, H), of all tokens. fused: whether to use torch's fused kernel; by default, if T is above `SHORT`.
    """
    relations = layer.query(queried), layer.key(states), layer.value(states)
    # (B, Q or T, heads · size) → (B, heads, Q or T, size)
    q, k, v = (vectors.unflatten(-1, (-1, layer.head_size)).transpose(1, 2) for vectors in relations)
    scale = layer.head_size**-0.5
    if states.shape[1] > SHORT if fused is None else fused:
        rate = layer.weight_dropout.p if layer.weight_dropout.training else 0.0
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=rate, scale=scale)
    else:
        scores = (q * scale) @ k.transpose(-1, -2)  # (B, heads, Q, T)
        mixed = layer.weight_dropout((scores if bias is None else scores + bias).softmax(-1)) @ v
    return mixed.transpose(1, 2).flatten(2), relations


def after_attention(layer: LayerModules, attended: Tensor, states: Tensor) -> Tensor:
    """The states (B, Q, H) after a layer's first half, from the heads' output (B, Q, heads · size) and the states."""
    return layer.attention_norm(layer.output_dropout(layer.output(attended)) + states)


def after_feed_forward(layer: LayerModules, states: Tensor) -> Tensor:
    """The states (B, Q, H) after a layer's second half."""
    inner = layer.activation(layer.up(states))
    return layer.feed_forward_norm(layer.down_dropout(layer.down(inner)) + states)


def _classify(model: Classifier, cls: Tensor) -> Tensor:
    """The logits (B, C) from the last layer's [CLS] states (B, H)."""
    paths = family_of(model.config).head
    pooled = head_activation(model)(submodule(model, paths.pooled)(cls))
    return submodule(model, paths.logits)(submodule(model, paths.dropout)(pooled))


def head_activation(model: Classifier) -> nn.Module:
    """The activation between the head's two linear maps."""
    return _activation(family_of(model.config).head.activation)


@lru_cache
def _activation(name: str) -> nn.Module:
    return ACT2FN[name]
