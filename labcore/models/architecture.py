"""The sizes of a classifier and the shapes of a student as plain data. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

# What an encoder matrix computes; `qkv` is queries, keys and values in one matrix, for families that have it so.
Role = Literal["query", "key", "value", "qkv", "output", "up", "down"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Architecture:
    """The family of a classifier, and the numbers that fix the shape of every matrix of it.

    positions: the most tokens that it reads. embedding: the width of its token vectors if it is not `hidden`.
    The last two are not in its text, which names the sizes of the published models by a hash.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int = 30522
    positions: int = 512
    token_types: int = 2
    labels: int = 2
    embedding: int | None = field(default=None, repr=False)
    family: str = field(default="bert", repr=False)


@dataclass(frozen=True)
class LayerShape:
    """What the architecture leaves open for a derived layer: its heads, its neurons, the ranks of its factors.

    extra_norm: whether it is the first layer and has a LayerNorm before its attention, unlike its family's first layer.
    """

    heads: int
    intermediate: int
    ranks: tuple[tuple[Role, int], ...] = ()
    extra_norm: bool = False


@dataclass(frozen=True)
class Structure:
    """All that fixes the shapes of a student. A head is hidden / heads of the architecture wide."""

    architecture: Architecture
    layers: tuple[LayerShape, ...]
    embedding_rank: int | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a plain member of its family, which transformers can save and load."""
        return self.complete and not any(layer.extra_norm for layer in self.layers)

    @property
    def complete(self) -> bool:
        """Whether it has every head and neuron of its architecture, and no matrix in factors."""
        usual = LayerShape(self.architecture.heads, self.architecture.intermediate)
        return self.embedding_rank is None and all(replace(each, extra_norm=False) == usual for each in self.layers)
