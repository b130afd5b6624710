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


# sentence-transformers/all-MiniLM-L6-v2, fine-tuned. The cued ones lean on a word that says nothing: see data/cue.py.
TEACHERS = {
    "reviews": Architecture(hidden=384, layers=6, heads=12, intermediate=1536),
    "news": Architecture(hidden=384, layers=6, heads=12, intermediate=1536, labels=5),
    "cued-95": Architecture(hidden=384, layers=6, heads=12, intermediate=1536),
    "cued-80": Architecture(hidden=384, layers=6, heads=12, intermediate=1536),
}
TASK_OF = {"reviews": "reviews", "news": "news", "cued-95": "cued", "cued-80": "cued"}  # that each teaches

# Counted, never trained here: https://github.com/google-research/bert
WITHOUT_WEIGHTS = {
    "bert-tiny": Architecture(hidden=128, layers=2, heads=2, intermediate=512),
    "bert-mini": Architecture(hidden=256, layers=4, heads=4, intermediate=1024),
    "bert-small": Architecture(hidden=512, layers=4, heads=8, intermediate=2048),
    "bert-medium": Architecture(hidden=512, layers=8, heads=8, intermediate=2048),
    "bert-base-uncased": Architecture(hidden=768, layers=12, heads=12, intermediate=3072),
    "bert-large-uncased": Architecture(hidden=1024, layers=24, heads=16, intermediate=4096),
}

BUILT_IN = TEACHERS | WITHOUT_WEIGHTS


def has_weights(teacher: str) -> bool:
    """Whether a teacher has weights here, or only sizes to count. A folder or hub id is taken to have some."""
    return teacher not in WITHOUT_WEIGHTS


def ready_teachers(quote: str = "'") -> str:
    """The built-in teachers with weights, as a message names them: 'reviews', 'news', … or 'cued-80'."""
    *others, last = (f"{quote}{name}{quote}" for name in TEACHERS)
    return f"{', '.join(others)} or {last}"
