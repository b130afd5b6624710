"""Word embeddings of low rank. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from labcore.config.steps.factorise import break_even_rank
from labcore.config.steps.setting import Integer, set_by
from labcore.config.steps.step import Note, Step
from labcore.models.architecture import Structure


def _highest_rank(structure: Structure) -> int:
    return min(structure.architecture.hidden, structure.architecture.vocabulary)


@dataclass(frozen=True)
class FactoriseEmbeddings(Step):
    """Hold the word embeddings (vocabulary × hidden) as vocabulary × `rank` times `rank` × hidden."""

    kind: ClassVar[str] = "factorise_embeddings"
    label: ClassVar[str] = "Low-rank embeddings"
    summary: ClassVar[str] = "Replaces the embedding table by the product of a thin table and a small matrix."
    reduce: ClassVar[str] = "rank"
    shrinks_embeddings: ClassVar[bool] = True
    replaced_by_sizes: ClassVar[tuple[str, ...] | None] = ()

    rank: int = field(
        metadata=set_by(
            Integer(
                label="Rank of the word embeddings, of {available}",
                help="Each token is looked up as a short vector. A small matrix makes it as wide as the hidden size "
                "(ALBERT).",
                available=_highest_rank,
            )
        )
    )

    @classmethod
    def default(cls, before: Structure) -> FactoriseEmbeddings:
        """A third of the hidden size."""
        return cls(max(1, before.architecture.hidden // 3))

    def describe(self) -> str:
        """Such as `embeddings of rank 128`."""
        return f"embeddings of rank {self.rank}"

    def note(self, before: Structure) -> Note | None:
        """Up to which rank factors are smaller; a warning if the rank is above it."""
        sizes, rank = before.architecture, min(self.rank, _highest_rank(before))
        even = break_even_rank(sizes.vocabulary, sizes.hidden)
        text = f"Two factors are smaller than the {sizes.vocabulary:,} × {sizes.hidden} table up to rank {even}."
        return Note(f"At rank {rank} the embeddings grow. {text}", True) if rank > even else Note(text)

    def cost_note(self, steps: Sequence[Step]) -> str:
        """The arithmetic that it adds."""
        return "**Low-rank embeddings add a little arithmetic**: each short vector is multiplied up to the hidden size."
