"""Model families as data: where a family keeps each part of a classifier, by path. Standard library only.

Every other file asks a `Family` for a path or a part, so a further family of the same kind is one more entry here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labcore.models.architecture import Architecture, Role
from labcore.results.counts import ModelPart


@dataclass(frozen=True)
class Embeddings:
    """Paths in the model: the module that embeds tokens, its tables, and its LayerNorm."""

    module: str
    words: str
    positions: str
    token_types: str
    norm: str


@dataclass(frozen=True)
class Layer:
    """Paths in one encoder layer, and the attributes that hold its numbers of heads and rows.

    matrices: six linear maps (out × in). Queries, keys and values have a block of rows for each head, the attention's
    output a block of columns; `up` and `down` are the feed-forward network. A LayerNorm follows each half.
    weight_dropout: on the attention weights. output_dropout, down_dropout: after the matrices of these names.
    """

    matrices: Mapping[Role, str]
    attention_norm: str
    feed_forward_norm: str
    activation: str
    weight_dropout: str
    output_dropout: str
    down_dropout: str
    heads: str
    head_size: str
    all_heads_size: str


@dataclass(frozen=True)
class Head:
    """Paths from the [CLS] state to the logits: the first linear map, dropout, and the last linear map.

    activation: transformers' name of the one between the two maps.
    """

    pooled: str
    activation: str
    dropout: str
    logits: str


@dataclass(frozen=True)
class Family:
    """What the lab must know of a family whose encoder layers are BERT's: attention, feed-forward, a norm after each.

    body: the module that holds all but the head. layers: the list of encoder layers. sizes: the config's field for each
    size of an Architecture. first_position: the row of the first token in the table of positions. pretraining_head: the
    prefix of tensors that no classifier reads. unread: buffers that older versions
    of transformers saved, and no model loads.
    """

    model_type: str
    body: str
    embeddings: Embeddings
    layers: str
    layer: Layer
    head: Head
    sizes: Mapping[str, str]
    first_position: int
    pretraining_head: str
    unread: tuple[str, ...]

    def matrix_name(self, layer: int, role: Role) -> str:
        """The path of the module that holds a matrix of a layer."""
        return f"{self.layers}.{layer}.{self.layer.matrices[role]}"

    def layer_of(self, name: str) -> int | None:
        """The encoder layer that a parameter belongs to, by its name; None outside the encoder."""
        index, dot, _ = name.removeprefix(f"{self.layers}.").partition(".")
        return int(index) if name.startswith(f"{self.layers}.") and dot and index.isdecimal() else None

    def in_layer(self, name: str, layer: int) -> str:
        """The name of the same parameter in another encoder layer."""
        return f"{self.layers}.{layer}.{self._within_layer(name)}"

    def role_of(self, name: str) -> Role | None:
        """The role in its layer of the module at this path; None if it is no encoder matrix."""
        rest = self._within_layer(name)
        return next((role for role, path in self.layer.matrices.items() if path == rest), None)

    def part_of(self, name: str) -> ModelPart:
        """The part of the model that a parameter belongs to, by its name. Raises ValueError if it is in none."""
        for prefix, part in self._parts().items():
            if name.startswith(f"{prefix}."):
                return part
        raise ValueError(f"parameter {name!r} is in no part of a {self.model_type} classifier")

    def _within_layer(self, name: str) -> str:
        return name.removeprefix(f"{self.layers}.").partition(".")[2]

    def _parts(self) -> dict[str, ModelPart]:
        return {
            self.embeddings.module: "embeddings",
            self.layers.rpartition(".")[0]: "encoder",
            self.head.pooled: "pooler",
            self.head.logits: "classifier",
        }

    def sizes_from(self, shapes: Mapping[str, Sequence[int]]) -> dict[str, int]:
        """The sizes that a classifier's tensors imply, by the config's names for them; shapes by tensor name."""
        implied = (
            (self.sizes["vocabulary"], self.embeddings.words, 0),
            (self.sizes["hidden"], self.embeddings.words, 1),
            (self.sizes["positions"], self.embeddings.positions, 0),
            (self.sizes["token_types"], self.embeddings.token_types, 0),
            (self.sizes["intermediate"], self.matrix_name(0, "up"), 0),
            ("num_labels", self.head.logits, 0),
        )
        layers = {layer for name in shapes if (layer := self.layer_of(name)) is not None}
        sizes = {self.sizes["layers"]: len(layers)} if layers else {}
        for size, path, dim in implied:
            shape = shapes.get(f"{path}.weight", ())
            if len(shape) == 2:
                sizes[size] = shape[dim]
        return sizes

    def trained_in_full(self) -> tuple[str, str]:
        """PEFT's `modules_to_save` beside the classifier, and the linear map in it that needs no adapter."""
        dense = self.head.pooled.removeprefix(f"{self.body}.")
        return dense.partition(".")[0], dense


BERT = Family(
    model_type="bert",
    body="bert",
    embeddings=Embeddings(
        module="bert.embeddings",
        words="bert.embeddings.word_embeddings",
        positions="bert.embeddings.position_embeddings",
        token_types="bert.embeddings.token_type_embeddings",
        norm="bert.embeddings.LayerNorm",
    ),
    layers="bert.encoder.layer",
    layer=Layer(
        matrices={
            "query": "attention.self.query",
            "key": "attention.self.key",
            "value": "attention.self.value",
            "output": "attention.output.dense",
            "up": "intermediate.dense",
            "down": "output.dense",
        },
        attention_norm="attention.output.LayerNorm",
        feed_forward_norm="output.LayerNorm",
        activation="intermediate.intermediate_act_fn",
        weight_dropout="attention.self.dropout",
        output_dropout="attention.output.dropout",
        down_dropout="output.dropout",
        heads="attention.self.num_attention_heads",
        head_size="attention.self.attention_head_size",
        all_heads_size="attention.self.all_head_size",
    ),
    head=Head(pooled="bert.pooler.dense", activation="tanh", dropout="dropout", logits="classifier"),
    sizes={
        "hidden": "hidden_size",
        "layers": "num_hidden_layers",
        "heads": "num_attention_heads",
        "intermediate": "intermediate_size",
        "vocabulary": "vocab_size",
        "positions": "max_position_embeddings",
        "token_types": "type_vocab_size",
    },
    first_position=0,
    pretraining_head="cls.",
    unread=("bert.embeddings.position_ids", "bert.embeddings.token_type_ids"),
)

# Endings of tensors in the first releases, and today's.
OLD_ENDINGS = {".LayerNorm.gamma": ".LayerNorm.weight", ".LayerNorm.beta": ".LayerNorm.bias"}

# Linear maps of classifiers in other families, which the lab does not take.
FOREIGN_HEADS = ("classifier.dense", "classifier.out_proj")

FAMILIES = {family.model_type: family for family in (BERT,)}


def family_of(config: Any) -> Family:
    """The family of a model, by its transformers config. Raises ValueError if the lab has none of this type."""
    family = FAMILIES.get(config.model_type)
    if family is None:
        raise ValueError(f"the lab has no family of type {config.model_type!r}; it takes {', '.join(FAMILIES)}")
    return family


def architecture_in(config: Any) -> Architecture:
    """The sizes in a classifier's transformers config."""
    sizes = {size: getattr(config, name) for size, name in family_of(config).sizes.items()}
    return Architecture(**sizes, labels=len(config.id2label or {}))
