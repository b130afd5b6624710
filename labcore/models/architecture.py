"""The sizes of a classifier and the shapes of a student as plain data. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["query", "key", "value", "output", "up", "down"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Architecture:
    """The numbers that fix the shape of every matrix of a classifier."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int = 30522
    positions: int = 512
    token_types: int = 2
    labels: int = 2


@dataclass(frozen=True)
class LayerShape:
    """What the architecture leaves open for a derived layer: its heads, its neurons, the ranks of its factors."""

    heads: int
    intermediate: int
    ranks: tuple[tuple[Role, int], ...] = ()


@dataclass(frozen=True)
class Structure:
    """All that fixes the shapes of a student. A head is hidden / heads of the architecture wide."""

    architecture: Architecture
    layers: tuple[LayerShape, ...]
    embedding_rank: int | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a plain member of its family, which transformers can save and load."""
        usual = LayerShape(self.architecture.heads, self.architecture.intermediate)
        return self.embedding_rank is None and all(layer == usual for layer in self.layers)
