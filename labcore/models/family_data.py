"""What a model family is: frozen data with the path of each part and the config's name of each size.

Every other file asks a `Family` for a path or a part. Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labcore.models.architecture import Architecture, Role
from labcore.models.family_parts import ConfigFields, Embeddings, Head, InitialWeights, Layer, Rotary
from labcore.results.counts import ModelPart

__all__ = ["ConfigFields", "Embeddings", "Family", "Head", "InitialWeights", "Layer", "Rotary"]


@dataclass(frozen=True)
class Family:
    """What the lab must know of a family whose encoder layers are attention, then a feed-forward network, with norms.

    label: its name for people. body: the module that holds all but the head. layers: the list of encoder layers.
    final_norm: a LayerNorm after the last layer. sizes: the config's field for each size of an Architecture.
    first_row: the row of the first token in the table of positions; None if it follows the padding token's id.
    relative_bias: a table (distances, heads) that all layers add to their attention scores. rotary: positions as
    rotations. pretraining_heads: the prefixes of tensors that no classifier reads. unread: tensors that older versions
    of transformers saved, and no classifier loads. initial: how the weights of a new model are drawn.
    """

    model_type: str
    label: str
    body: str
    embeddings: Embeddings
    layers: str
    layer: Layer
    head: Head
    sizes: Mapping[str, str]
    fields: ConfigFields
    pretraining_heads: tuple[str, ...]
    unread: tuple[str, ...]
    first_row: int | None = 0
    relative_bias: str | None = None
    rotary: Rotary | None = None
    final_norm: str | None = None
    initial: InitialWeights = field(default_factory=InitialWeights)

    # -- names -----------------------------------------------------------------------------------------

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
        beside = (self.embeddings.module, self.embeddings.projection, self.relative_bias)  # it embeds distances
        embeddings: dict[str, ModelPart] = {path: "embeddings" for path in beside if path is not None}
        norms: dict[str, ModelPart] = {} if self.head.norm is None else {self.head.norm: "pooler"}
        return {
            **embeddings,
            self.layers.rpartition(".")[0]: "encoder",
            self.head.pooled: "pooler",
            **norms,
            self.head.logits: "classifier",
        }

    def first_modules(self) -> set[str]:
        """The names with which the names of a classifier's tensors begin."""
        return {path.partition(".")[0] for path in (self.body, self.head.pooled, self.head.logits)}

    def trained_in_full(self) -> tuple[str, str]:
        """PEFT's `modules_to_save` beside the classifier, and the linear map in it that needs no adapter."""
        dense = self.head.pooled.removeprefix(f"{self.body}.")
        return dense.partition(".")[0], dense

    # -- sizes -----------------------------------------------------------------------------------------

    def first_position(self, config: Any) -> int:
        """The row of the first token in the table of positions, for a transformers config."""
        return config.pad_token_id + 1 if self.first_row is None else self.first_row

    def fixed_token(self, config: Any) -> int | None:
        """The token that must keep its id, because positions are counted from it; None if there is none."""
        first = self.first_position(config)
        return first - 1 if first else None

    def architecture_in(self, config: Any) -> Architecture:
        """The sizes in a classifier's transformers config. Of the positions only those that a token can have."""
        sizes = {size: getattr(config, name) for size, name in self.sizes.items()}
        sizes["positions"] -= self.first_position(config)
        if sizes.get("embedding") == sizes["hidden"]:
            sizes["embedding"] = None
        return Architecture(**{"token_types": 0, **sizes}, labels=len(config.id2label or {}), family=self.model_type)

    def config_sizes(self, architecture: Architecture, config: Any) -> dict[str, Any]:
        """The config's fields with these sizes: the reverse of `architecture_in`. Kinds of layers repeat if need be."""
        sizes: dict[str, Any] = {name: getattr(architecture, size) for size, name in self.sizes.items()}
        sizes[self.sizes["positions"]] += self.first_position(config)
        if "embedding" in self.sizes:
            sizes[self.sizes["embedding"]] = architecture.embedding or architecture.hidden
        if self.rotary is not None:
            kinds = getattr(config, self.rotary.kinds)
            sizes[self.rotary.kinds] = [kinds[i % len(kinds)] for i in range(architecture.layers)]
        return sizes

    def of_layers(self, config: Any, layers: Sequence[int]) -> dict[str, Any]:
        """The config's fields of a model that has these layers of it alone."""
        fields: dict[str, Any] = {self.sizes["layers"]: len(layers)}
        if self.rotary is not None:
            fields[self.rotary.kinds] = [getattr(config, self.rotary.kinds)[i] for i in layers]
        return fields

    def impossible(self, architecture: Architecture) -> str | None:
        """Why a model of this family can't have these sizes; None if it can."""
        size = architecture.hidden // architecture.heads
        if self.rotary is not None and size % 2:
            return f"a head would be {size} wide, and a {self.label} rotates its dimensions in pairs"
        return None

    def deviation(self, path: str, config: Any) -> float:
        """The standard deviation of the weights of the module at this path in a new model."""
        usual: float = config.initializer_range
        if self.role_of(path) in self.initial.by_depth or (self.initial.by_depth and path == self.head.pooled):
            return usual / math.sqrt(2.0 * getattr(config, self.sizes["layers"]))
        if self.initial.by_width and path == self.head.logits:
            return float(getattr(config, self.sizes["hidden"])) ** -0.5
        return usual

    def sizes_from(self, shapes: Mapping[str, Sequence[int]]) -> dict[str, int]:
        """The sizes that a classifier's tensors imply, by the config's names for them; shapes by tensor name."""
        tables = self.embeddings
        implied = [
            (self.sizes["vocabulary"], tables.words, 0),
            (self.sizes.get("embedding", self.sizes["hidden"]), tables.words, 1),
            (self.sizes["hidden"], self.matrix_name(0, "up"), 1),
            (self.sizes["intermediate"], self.matrix_name(0, "down"), 1),
            ("num_labels", self.head.logits, 0),
        ]
        if tables.positions is not None:
            implied.append((self.sizes["positions"], tables.positions, 0))
        if tables.token_types is not None:
            implied.append((self.sizes["token_types"], tables.token_types, 0))
        layers = {layer for name in shapes if (layer := self.layer_of(name)) is not None}
        sizes = {self.sizes["layers"]: len(layers)} if layers else {}
        for size, path, dim in implied:
            shape = shapes.get(f"{path}.weight", ())
            if len(shape) == 2:
                sizes.setdefault(size, shape[dim])
        return sizes
