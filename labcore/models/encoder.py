"""A BERT classifier's anatomy: the only file that knows its modules' names."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import BertConfig, BertForSequenceClassification
from transformers.models.bert.modeling_bert import BertLayer

from labcore.models.architecture import ROLES, Architecture, Role
from labcore.results.record import Part


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


def zeros_at_random(model: BertForSequenceClassification) -> dict[str, Tensor]:
    """By parameter name, how many zeros each row (rows,) has once `start_at_random` has drawn it: biases, the padding row."""
    found: dict[str, Tensor] = {}
    for path, module in model.named_modules():
        bias = getattr(module, "bias", None)
        if isinstance(module, nn.Linear | nn.LayerNorm) and isinstance(bias, nn.Parameter):
            found[f"{path}.bias"] = torch.ones(len(bias), dtype=torch.long)
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            rows = torch.zeros(module.num_embeddings, dtype=torch.long)
            rows[module.padding_idx] = module.embedding_dim
            found[f"{path}.weight"] = rows
    return found


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


BUFFERS = ("bert.embeddings.position_ids", "bert.embeddings.token_type_ids")  # saved by older versions, never read


def sizes_in(shapes: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """The sizes that a BERT classifier's tensors tell, by the config's names for them; shapes by tensor name."""
    tables = "bert.embeddings."
    tells = (
        ("vocab_size", f"{_WORDS}.weight", 0),
        ("hidden_size", f"{_WORDS}.weight", 1),
        ("max_position_embeddings", f"{tables}position_embeddings.weight", 0),
        ("type_vocab_size", f"{tables}token_type_embeddings.weight", 0),
        ("intermediate_size", f"{matrix_name(0, 'up')}.weight", 0),
        ("num_labels", "classifier.weight", 0),
    )
    layers = {layer for name in shapes if (layer := layer_of(name)) is not None}
    found = {"num_hidden_layers": len(layers)} if layers else {}
    return found | {size: shapes[name][dim] for size, name, dim in tells if len(shapes.get(name, ())) == 2}


def set_layers(model: BertForSequenceClassification, layers: Sequence[int]) -> None:
    """Keep the encoder layers at these indices, in this order, and tell the config (or a reload adds random ones)."""
    encoder = model.bert.encoder
    encoder.layer = nn.ModuleList([encoder.layer[i] for i in layers])
    model.config.num_hidden_layers = len(layers)


def layer_of(name: str) -> int | None:
    """The encoder layer that a parameter belongs to, by its name; None outside the encoder."""
    tokens = name.split(".")
    in_encoder = tokens[:3] == ["bert", "encoder", "layer"] and len(tokens) > 3 and tokens[3].isdecimal()
    return int(tokens[3]) if in_encoder else None


def in_layer(name: str, layer: int) -> str:
    """The name of the same parameter in another encoder layer."""
    tokens = name.split(".")
    return ".".join([*tokens[:3], str(layer), *tokens[4:]])


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


def word_embeddings(model: BertForSequenceClassification) -> tuple[str, nn.Module]:
    """The module that gives each word piece its vector, and its path."""
    return _WORDS, model.get_submodule(_WORDS)


def set_vocabulary(model: BertForSequenceClassification, kept: Sequence[int]) -> None:
    """Tell the model which of its word pieces it still has, in their new order; the rows themselves are moved already."""
    _, words = word_embeddings(model)
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


def set_dropout(model: BertForSequenceClassification, rate: float) -> None:
    """Set the share of activations that every dropout of the model leaves out in training."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate


SHORT = 48  # word pieces: up to here two small matrix products are faster on a processor than torch's fused kernel


class Reading(NamedTuple):
    """What a model makes of a batch.

    logits: (B, C). states: after each encoder layer, of [CLS] (B, H), or of every position (B, T, H) where it was
    read whole. relations: the last layer's queries, keys and values, each (B, T, width); empty unless read whole.
    """

    logits: Tensor
    states: list[Tensor]
    relations: tuple[Tensor, ...]


def forward(model: BertForSequenceClassification, ids: Tensor, mask: Tensor | None, *, whole: bool = False) -> Reading:
    """Read a batch: ids (B, T) are word pieces; mask (B, T) is true at real pieces, None where no sentence is padded.

    A classifier reads nothing but [CLS] of its last layer. Unless `whole`, that layer works on [CLS] alone: keys and
    values still come from every position; queries, the output matrix and the feed-forward network, ten twelfths of
    its work, from one. Calls the model's own modules in order: transformers' capture of hidden states stays empty
    once layers were exchanged in a copied model.
    """
    states = model.bert.embeddings(input_ids=ids)  # (B, T, H)
    bias = None
    if mask is not None:
        bias = torch.zeros(mask.shape, dtype=states.dtype).masked_fill_(~mask, -1e9)
        bias = bias[:, None, None, :]  # (B, 1, 1, T), added to the attention scores
    kept: list[Tensor] = []
    relations: tuple[Tensor, ...] = ()
    last = len(model.bert.encoder.layer) - 1
    for i, layer in enumerate(model.bert.encoder.layer):
        asking = states if whole or i < last else states[:, :1]
        states, relations = _layer(cast(BertLayer, layer), asking, states, bias)
        kept.append(states if whole else states[:, 0])
    pooled = model.bert.pooler(states)  # type: ignore[misc]  # a classifier always has one
    return Reading(model.classifier(model.dropout(pooled)), kept, relations if whole else ())


def _layer(layer: BertLayer, asking: Tensor, states: Tensor, bias: Tensor | None) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The states of the positions that ask, (B, Q, H), from those of all, (B, T, H); and queries, keys and values."""
    attention = layer.attention.self
    relations = (attention.query(asking), attention.key(states), attention.value(states))
    # (B, Q or T, heads · size) → (B, heads, Q or T, size)
    q, k, v = (vectors.unflatten(-1, (-1, attention.attention_head_size)).transpose(1, 2) for vectors in relations)
    if states.shape[1] <= SHORT:
        scores = (q * attention.scaling) @ k.transpose(-1, -2)  # (B, heads, Q, T)
        mixed = attention.dropout((scores if bias is None else scores + bias).softmax(-1)) @ v
    else:
        rate = attention.dropout.p if attention.training else 0.0
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=rate, scale=attention.scaling)
    attended = layer.attention.output(mixed.transpose(1, 2).flatten(2), asking)
    return layer.feed_forward_chunk(attended), relations
