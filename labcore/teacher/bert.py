"""A BERT classifier's anatomy: the only file that knows its modules' names."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import BertConfig, BertForSequenceClassification
from transformers.models.bert.modeling_bert import BertLayer

from labcore.record import Part
from labcore.teacher.architecture import ROLES, Architecture, Role


def build(architecture: Architecture, like: BertConfig | None = None) -> BertForSequenceClassification:
    """A new BERT classifier on the meta device: shapes without weights, until `start_at_random`.

    What the sizes leave open (activation, dropout, label names …) is as in `like`, or BERT's usual.
    """
    config = BertConfig() if like is None else copy.deepcopy(like)
    config.vocab_size = architecture.vocabulary
    config.hidden_size = architecture.hidden
    config.num_hidden_layers = architecture.layers
    config.num_attention_heads = architecture.heads
    config.intermediate_size = architecture.intermediate
    config.max_position_embeddings = architecture.positions
    config.type_vocab_size = architecture.token_types
    if len(config.id2label or {}) != architecture.labels:
        config.num_labels = architecture.labels
    with torch.device("meta"):
        return BertForSequenceClassification(config)


@torch.no_grad()
def start_at_random(model: BertForSequenceClassification, seed: int = 0) -> BertForSequenceClassification:
    """Give a model on the meta device random weights on the processor, BERT's usual ones; returns it.

    They are drawn from a generator of their own: torch's global one belongs to the run that trains beside it.
    """
    model.to_empty(device="cpu")
    tables = model.bert.embeddings
    tables.position_ids.copy_(torch.arange(tables.position_ids.shape[-1]))
    tables.token_type_ids.zero_()
    draw = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            module.weight.normal_(0.0, model.config.initializer_range, generator=draw)
        if isinstance(module, nn.Linear) and module.bias is not None:
            module.bias.zero_()
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            module.weight[module.padding_idx].zero_()
        if isinstance(module, nn.LayerNorm):
            module.weight.fill_(1.0)
            module.bias.zero_()
    return model


def architecture_of(model: BertForSequenceClassification) -> Architecture:
    """The sizes of a BERT classifier."""
    return architecture_in(model.config)


def architecture_in(config: BertConfig) -> Architecture:
    """The sizes in a BERT's config."""
    return Architecture(
        hidden=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        intermediate=config.intermediate_size,
        vocabulary=config.vocab_size,
        positions=config.max_position_embeddings,
        token_types=config.type_vocab_size,
        labels=len(config.id2label or {}),
    )


def set_layers(model: BertForSequenceClassification, layers: Sequence[int]) -> None:
    """Keep the encoder layers at these indices, in this order, and tell the config (or a reload adds random ones)."""
    encoder = model.bert.encoder
    encoder.layer = nn.ModuleList([encoder.layer[i] for i in layers])
    model.config.num_hidden_layers = len(layers)


def layer_of(name: str) -> int | None:
    """The encoder layer that a parameter belongs to, by its name; None outside the encoder."""
    pieces = name.split(".")
    return int(pieces[3]) if pieces[:3] == ["bert", "encoder", "layer"] else None


def in_layer(name: str, layer: int) -> str:
    """The name of the same parameter in another encoder layer."""
    pieces = name.split(".")
    return ".".join([*pieces[:3], str(layer), *pieces[4:]])


def part_of(name: str) -> Part:
    """The part of the model that a parameter belongs to, by its name."""
    for prefix, part in _PARTS.items():
        if name.startswith(prefix):
            return part
    raise ValueError(f"parameter {name!r} is in no part of a BERT classifier")


_PARTS: dict[str, Part] = {
    "bert.embeddings.": "embeddings",
    "bert.encoder.": "encoder",
    "bert.pooler.": "pooler",
    "classifier.": "classifier",
}

# The six matrices of a layer, each a linear map (out × in), by their part in it. Queries, keys and values have a
# block of rows for each head, the attention's output a block of columns; `up` and `down` are the feed-forward network.
_MATRICES: dict[Role, str] = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
}
_WORDS = "bert.embeddings.word_embeddings"


def matrix_name(layer: int, role: Role) -> str:
    """The path of the module that holds a matrix of a layer."""
    return f"bert.encoder.layer.{layer}.{_MATRICES[role]}"


def role_of(name: str) -> Role | None:
    """The part that the module of this path plays in its layer; None where it is no encoder matrix."""
    rest = ".".join(name.split(".")[4:])
    return next((role for role, path in _MATRICES.items() if path == rest), None)


def encoder_matrices(model: BertForSequenceClassification) -> dict[str, nn.Module]:
    """The modules that hold the encoder's matrices, by path: six in each layer. No LayerNorm, bias or embedding."""
    names = [matrix_name(layer, role) for layer in range(len(model.bert.encoder.layer)) for role in ROLES]
    return {name: model.get_submodule(name) for name in names}


def piece_table(model: BertForSequenceClassification) -> tuple[str, nn.Module]:
    """The module that gives each word piece its vector, and its path."""
    return _WORDS, model.get_submodule(_WORDS)


def set_vocabulary(model: BertForSequenceClassification, kept: Sequence[int]) -> None:
    """Tell the model which of its word pieces it still has, in their new order; the rows themselves are moved already."""
    _, words = piece_table(model)
    padding = model.config.pad_token_id
    model.config.vocab_size = len(kept)
    model.config.pad_token_id = list(kept).index(padding) if padding is not None and padding in kept else None
    for module in words.modules():
        if isinstance(module, nn.Embedding):
            module.padding_idx = model.config.pad_token_id


def heads_in(model: BertForSequenceClassification, layer: int) -> tuple[int, int]:
    """How many heads a layer has, and how wide each is."""
    attention = cast(BertLayer, model.bert.encoder.layer[layer]).attention.self
    return attention.num_attention_heads, attention.attention_head_size


def set_heads(model: BertForSequenceClassification, layer: int, heads: int) -> None:
    """Tell a layer how many heads its matrices have now. The config still says how wide they are: hidden / heads."""
    attention = cast(BertLayer, model.bert.encoder.layer[layer]).attention.self
    attention.num_attention_heads = heads
    attention.all_head_size = heads * attention.attention_head_size


def forward(model: BertForSequenceClassification, ids: Tensor, mask: Tensor | None) -> tuple[Tensor, list[Tensor]]:
    """Logits (B, C), and the [CLS] state after each encoder layer: a list of (B, H).

    ids: (B, T) word pieces. mask: (B, T), true at real pieces; None where no sentence is padded, which
    spares the attention its mask. Calls the model's own modules in order: transformers' capture of hidden
    states stays empty once layers were exchanged in a copied model.
    """
    states = model.bert.embeddings(input_ids=ids)  # (B, T, H)
    bias = None
    if mask is not None:
        bias = torch.zeros(mask.shape, dtype=states.dtype).masked_fill_(~mask, -1e9)
        bias = bias[:, None, None, :]  # (B, 1, 1, T), added to the attention scores
    *lower, last = model.bert.encoder.layer
    cls = []
    for layer in lower:
        states = layer(states, bias)
        cls.append(states[:, 0])
    top = _first_position(cast(BertLayer, last), states, bias)  # (B, 1, H)
    cls.append(top[:, 0])
    pooled = model.bert.pooler(top)  # type: ignore[misc]  # a classifier always has one
    return model.classifier(model.dropout(pooled)), cls


def _first_position(layer: BertLayer, states: Tensor, bias: Tensor | None) -> Tensor:
    """What the layer makes of [CLS] alone: (B, T, H) → (B, 1, H).

    A classifier reads nothing else of its last layer. Keys and values still come from every position; queries,
    the output matrix and the feed-forward network, ten twelfths of the layer's work, from one.
    """
    attention = layer.attention.self

    def heads(projected: Tensor) -> Tensor:  # (B, T, heads · size) → (B, heads, T, size)
        return projected.unflatten(-1, (-1, attention.attention_head_size)).transpose(1, 2)

    mixed = scaled_dot_product_attention(
        heads(attention.query(states[:, :1])),
        heads(attention.key(states)),
        heads(attention.value(states)),
        attn_mask=bias,
        dropout_p=attention.dropout.p if attention.training else 0.0,
        scale=attention.scaling,
    )
    attended = layer.attention.output(mixed.transpose(1, 2).flatten(2), states[:, :1])
    return layer.feed_forward_chunk(attended)
