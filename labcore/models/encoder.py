"""One forward pass for every family: it works from the `Family`'s data. The parts that it calls are in `parts`."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor
from torch.nn.functional import dropout, scaled_dot_product_attention

from labcore.models.attention_context import AttentionContext, attention_context, padding_bias
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.layer_modules import LayerModules, layer_modules, modules_in
from labcore.models.parts import (
    architecture_of,
    embedding_norm,
    embedding_projection,
    embedding_tables,
    encoder_matrices,
    final_norm,
    has_extra_norm,
    has_token_types,
    head,
    head_activation,
    head_norm,
    heads_in,
    layer_list,
    matrix,
    neurons_in,
    reads_the_mean,
    relative_table,
    submodule,
    word_embeddings,
)

__all__ = [
    "AttentionContext", "EncoderOutput", "LayerModules", "after_attention", "after_feed_forward", "architecture_of",
    "attention", "attention_context", "before_attention", "before_feed_forward", "embed", "embedding_norm",
    "embedding_projection", "embedding_sum", "embedding_tables", "encoder_matrices", "final_norm", "forward",
    "has_extra_norm", "head", "head_activation", "head_norm", "heads_in", "layer_list", "layer_modules", "matrix",
    "neurons", "neurons_in", "padding_bias", "pooled", "queries_keys_values", "reads_the_mean", "relative_table",
    "word_embeddings",
]  # fmt: skip

SHORT = 48  # tokens: up to here two small matrix products are faster on a processor than torch's fused kernel


class EncoderOutput(NamedTuple):
    """What a model computes from a batch.

    logits: (B, C). states: after each encoder layer, of [CLS] (B, H), or of all tokens (B, T, H); a norm after the last
    layer is part of it. relations: the last layer's queries, keys and values, each (B, T, width), before positions
    rotate them; empty unless all tokens were computed.
    """

    logits: Tensor
    states: list[Tensor]
    relations: tuple[Tensor, ...]


def forward(
    model: Classifier,
    ids: Tensor,
    mask: Tensor | None,
    types: Tensor | None = None,
    *,
    all_tokens: bool = False,
    any_length: bool = False,
) -> EncoderOutput:
    """Compute logits and states of a batch of token ids (B, T).

    mask: (B, T), true at real tokens; None: no padding. types: (B, T), 1 at tokens of an example's second text; None:
    all 0. A family without token types ignores them. any_length: choose nothing by the batch's length, for an export.

    Most classifiers read only the [CLS] state of their last layer. Unless `all_tokens`, that layer computes [CLS]
    alone. Its keys and values still come from every token; the rest, ten twelfths of BERT's work, from one. The lab
    calls the modules itself because transformers captures no states from layers that were exchanged after the model's
    first use.
    """
    family = family_of(model.config)
    states = embed(model, ids, types)  # (B, T, H)
    context, layers = attention_context(model, states, mask, any_length=any_length), layer_list(model)
    fused = False if any_length else None
    every_token = all_tokens or reads_the_mean(model)
    kept: list[Tensor] = []
    relations: tuple[Tensor, ...] = ()
    for i, module in enumerate(layers):
        layer, last = modules_in(family, module), i == len(layers) - 1
        queries = 1 if last and not every_token else states.shape[1]
        read = before_attention(layer, states)
        attended, relations = attention(layer, read[:, :queries], read, context, fused=fused)
        states = after_feed_forward(layer, after_attention(layer, attended, states[:, :queries]))
        if last:
            states = final_norm(model)(states)
        kept.append(states if all_tokens else states[:, 0])
    return EncoderOutput(_classify(model, pooled(model, states, mask)), kept, relations if all_tokens else ())


def embed(model: Classifier, ids: Tensor, types: Tensor | None = None, *, positions: Tensor | None = None) -> Tensor:
    """The states (B, T, H) before the first layer; positions (B, T) count from 0, which is the default."""
    family = family_of(model.config)
    given: dict[str, Any] = {"input_ids": ids}
    if positions is not None and family.embeddings.positions is not None:
        given["position_ids"] = positions + family.first_position(model.config)
    if types is not None and has_token_types(model):
        given["token_type_ids"] = types
    vectors = submodule(model, family.embeddings.module)(**given)
    projection = embedding_projection(model)
    return vectors if projection is None else projection(vectors)


def embedding_sum(model: Classifier, ids: Tensor, positions: Tensor, types: Tensor | None) -> Tensor:
    """The sum of a token's vectors, before its LayerNorm: (…,) each → (…, width). positions count from 0."""
    family = family_of(model.config)
    words, *others = embedding_tables(model)
    total = words(ids)
    if family.embeddings.positions is not None:
        total = total + others.pop(0)(positions + family.first_position(model.config))
    if types is not None and has_token_types(model):
        total = total + others.pop(0)(types)
    for table in others:
        total = total + table.weight[0]
    return total


def before_attention(layer: LayerModules, states: Tensor) -> Tensor:
    """What a layer's attention reads of the states (B, T, H)."""
    return layer.attention_norm(states) if layer.norm_first else states


def queries_keys_values(layer: LayerModules, queried: Tensor, read: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries of the first tokens (B, Q, H), keys and values of all (B, T, H), each (B, Q or T, heads · size)."""
    if layer.qkv is None:
        return layer.query(queried), layer.key(read), layer.value(read)
    queries, keys, values = layer.qkv(read).chunk(3, -1)
    return queries[..., : queried.shape[-2], :], keys, values


def attention(
    layer: LayerModules, queried: Tensor, read: Tensor, context: AttentionContext, *, fused: bool | None = None
) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """The heads' output (B, Q, heads · size) for the queried first tokens (B, Q, H), with queries, keys and values.

    read: (B, T, H), of all tokens, as `before_attention` returns them. fused: whether to use torch's fused kernel; by
    default, if T is above `SHORT`.
    """
    relations = queries_keys_values(layer, queried, read)
    # (B, Q or T, heads · size) → (B, heads, Q or T, size)
    q, k, v = (vectors.unflatten(-1, (-1, layer.head_size)).transpose(1, 2) for vectors in relations)
    q, k = context.rotated(layer, q), context.rotated(layer, k)
    bias, scale, rate = context.bias(layer, queried.shape[1]), layer.head_size**-0.5, layer.weight_dropout
    if read.shape[1] > SHORT if fused is None else fused:
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=rate, scale=scale)
    else:
        scores = (q * scale) @ k.transpose(-1, -2)  # (B, heads, Q, T)
        weights = (scores if bias is None else scores + bias).softmax(-1)
        mixed = (dropout(weights, rate) if rate else weights) @ v
    return mixed.transpose(1, 2).flatten(2), relations


def after_attention(layer: LayerModules, attended: Tensor, states: Tensor) -> Tensor:
    """The states (B, Q, H) after a layer's first half, from the heads' output (B, Q, heads · size) and the states."""
    states = layer.output_dropout(layer.output(attended)) + states
    return states if layer.norm_first else layer.attention_norm(states)


def before_feed_forward(layer: LayerModules, states: Tensor) -> Tensor:
    """What a layer's feed-forward network reads of the states (B, Q, H)."""
    return layer.feed_forward_norm(states) if layer.norm_first else states


def neurons(layer: LayerModules, read: Tensor) -> Tensor:
    """The outputs of a layer's feed-forward neurons (B, Q, neurons), from what `before_feed_forward` returns."""
    inner = layer.up(read)
    if not layer.gated:
        return layer.activation(inner)
    active, gates = inner.chunk(2, -1)
    return layer.activation(active) * gates


def after_feed_forward(layer: LayerModules, states: Tensor) -> Tensor:
    """The states (B, Q, H) after a layer's second half."""
    inner = layer.inner_dropout(neurons(layer, before_feed_forward(layer, states)))
    states = layer.down_dropout(layer.down(inner)) + states
    return states if layer.norm_first else layer.feed_forward_norm(states)


def pooled(model: Classifier, states: Tensor, mask: Tensor | None) -> Tensor:
    """What the head reads (B, H): the last states (B, T, H) at [CLS], or their mean over real tokens."""
    if not reads_the_mean(model):
        return states[:, 0]
    if mask is None:
        return states.mean(1)
    return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def _classify(model: Classifier, states: Tensor) -> Tensor:
    """The logits (B, C) from the states that the head reads (B, H)."""
    paths = family_of(model.config).head
    drop = submodule(model, paths.dropout)
    inner = head_activation(model)(submodule(model, paths.pooled)(drop(states) if paths.dropout_first else states))
    return submodule(model, paths.logits)(drop(head_norm(model)(inner)))
