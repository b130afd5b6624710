"""Fewer attention heads. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from labcore.config.steps.importance_setting import IMPORTANCE, Importance, by_score
from labcore.config.steps.setting import Integer, set_by
from labcore.config.steps.step import Step
from labcore.models.architecture import Structure


def fewest_heads(structure: Structure) -> int:
    """The number of heads that every layer has at least."""
    return min(layer.heads for layer in structure.layers)


@dataclass(frozen=True)
class PruneHeads(Step):
    """Keep the `heads` most important attention heads of each layer; the others' rows and columns are removed."""

    kind: ClassVar[str] = "prune_heads"
    label: ClassVar[str] = "Fewer heads"
    summary: ClassVar[str] = "Structural pruning: removes attention heads, so matrices get smaller."
    no_effect: ClassVar[str] = "keeps every head; keep fewer"
    replaced_by_sizes: ClassVar[tuple[str, ...] | None] = ()

    heads: int = field(
        metadata=set_by(
            Integer(
                label="Attention heads to keep in each layer, of {available}",
                help="A head is removed with its rows of query, key and value, and its columns of the attention "
                "output.",
                available=fewest_heads,
            )
        )
    )
    by: Importance = field(default="magnitude", metadata=set_by(IMPORTANCE))

    @classmethod
    def default(cls, before: Structure) -> PruneHeads:
        """Half of the heads."""
        return cls(max(1, fewest_heads(before) // 2))

    def describe(self) -> str:
        """Such as `6 heads a layer`."""
        return f"{self.heads} head{'s' if self.heads != 1 else ''} a layer{by_score(self.by)}"
