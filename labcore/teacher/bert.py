"""A BERT classifier's anatomy: the only file that knows its modules' names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import BertConfig, BertForSequenceClassification
from transformers.models.bert.modeling_bert import BertLayer

from labcore.record import Part
from labcore.teacher.architecture import Architecture


def build(architecture: Architecture) -> BertForSequenceClassification:
    """A new BERT classifier with random weights, on the current default device (`with torch.device("meta")`)."""
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=architecture.vocabulary,
            hidden_size=architecture.hidden,
            num_hidden_layers=architecture.layers,
            num_attention_heads=architecture.heads,
            intermediate_size=architecture.intermediate,
            max_position_embeddings=architecture.positions,
            type_vocab_size=architecture.token_types,
            num_labels=architecture.labels,  # type: ignore[call-arg]  # taken by its base class
        )
    )


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

WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"


def encoder_matrices(model: BertForSequenceClassification) -> dict[str, nn.Module]:
    """The modules that hold the encoder's matrices by name: six in each layer, each a linear map (out × in).

    They are query, key, value and output of the attention, and the two of the feed-forward network.
    LayerNorm, biases and embeddings are not among them.
    """
    found: dict[str, nn.Module] = {}
    for i, layer in enumerate(model.bert.encoder.layer):
        for path in ("attention.self.query", "attention.self.key", "attention.self.value",
                     "attention.output.dense", "intermediate.dense", "output.dense"):  # fmt: skip
            found[f"bert.encoder.layer.{i}.{path}"] = layer.get_submodule(path)
    return found


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
