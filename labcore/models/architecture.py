"""The sizes of a BERT as plain data, and those of the architectures that the lab knows. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["query", "key", "value", "output", "up", "down"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Architecture:
    """The numbers that fix a BERT classifier's every matrix."""

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
    """What the architecture does not say of a derived layer: heads left, neurons left, ranks of factored matrices."""

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
        """Whether it is an ordinary BERT, which transformers' own classes can hold."""
        usual = LayerShape(self.architecture.heads, self.architecture.intermediate)
        return self.embedding_rank is None and all(layer == usual for layer in self.layers)
