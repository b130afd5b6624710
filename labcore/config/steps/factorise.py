"""Encoder matrices of low rank. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from labcore.config.steps.prune_heads import fewest_heads
from labcore.config.steps.setting import Choice, Either, Fraction, Integer, Option, set_by
from labcore.config.steps.step import Note, Step
from labcore.models.architecture import Structure

Method = Literal["svd", "activation"]


def break_even_rank(n_out: int, n_in: int) -> int:
    """The largest rank whose two factors hold fewer numbers than the matrix: below out·in / (out + in)."""
    return (n_out * n_in - 1) // (n_out + n_in)


def highest_rank(structure: Structure) -> int:
    """The highest rank that every encoder matrix can have."""
    return min(_attention_width(structure), structure.architecture.hidden, structure.architecture.intermediate)


def _attention_width(structure: Structure) -> int:
    """Rows of query, key and value in the layer with the fewest heads."""
    return fewest_heads(structure) * structure.architecture.hidden // structure.architecture.heads


@dataclass(frozen=True)
class Factorise(Step):
    """Replace each encoder matrix (out × in) by an approximation of low rank, held as two factors.

    Of rank `rank`, or of the least rank that keeps `energy`, a fraction of the squared singular values. `method`
    svd minimises the error of the matrix, activation that of its output on training examples.
    """

    kind: ClassVar[str] = "factorise"
    label: ClassVar[str] = "Low rank"
    summary: ClassVar[str] = "Replaces each encoder matrix by the product of two thin ones."
    no_effect: ClassVar[str] = "changes no matrix, because two factors would not be smaller; keep less energy"
    reduce: ClassVar[str] = "rank"
    remembers: ClassVar[bool] = True
    replaced_by_sizes: ClassVar[tuple[str, ...] | None] = ()
    either: ClassVar[Either | None] = Either(
        label="Rank of each matrix",
        options={
            "rank": Option(label="the same for all", start=lambda before: max(1, highest_rank(before) // 6)),
            "energy": Option(label="by energy", start=lambda before: 0.8, needs_weights=True),
        },
        help="Energy is the sum of the squared singular values. By energy, each matrix gets the least rank that "
        "keeps this fraction. A matrix that would not get smaller stays as it is.",
    )

    rank: int | None = field(
        default=None,
        metadata=set_by(
            Integer(
                label="Rank of each encoder matrix",
                help="Each matrix (out × in) becomes (out × rank) times (rank × in): its best approximation of that "
                "rank.",
                available=highest_rank,
            )
        ),
    )
    energy: float | None = field(
        default=None, metadata=set_by(Fraction(label="Energy to keep in each matrix, %", one=True))
    )
    method: Method = field(
        default="svd",
        metadata=set_by(
            Choice(
                label="Minimise the error of",
                help="The weights: truncated singular value decomposition. The output: the same decomposition, with "
                "each direction weighted by how much the layer's inputs use it on the calibration data, 256 training "
                "examples (DRONE, SVD-LLM). Both have the same size; the second loses less.",
                options={"svd": "the weights (SVD)", "activation": "the output"},
                chooses_weights=True,
            )
        ),
    )

    @classmethod
    def default(cls, before: Structure) -> Factorise:
        """A sixth of the hidden size."""
        return cls(rank=max(1, before.architecture.hidden // 6))

    def describe(self) -> str:
        """Such as `rank 64` or `ranks for 90 % energy`."""
        size = f"rank {self.rank}" if self.energy is None else f"ranks for {100 * self.energy:g} % energy"
        return size + (" (activation-aware)" if self.method == "activation" else "")

    def note(self, before: Structure) -> Note | None:
        """Up to which rank factors are smaller; a warning if the rank is above it."""
        if self.rank is None:
            return None
        sizes, attention = before.architecture, _attention_width(before)
        square, wide = break_even_rank(attention, sizes.hidden), break_even_rank(sizes.intermediate, sizes.hidden)
        text = (
            f"Two factors are smaller than the matrix up to rank {square} for the attention's "
            f"{attention} × {sizes.hidden}, and {wide} for the feed-forward's {sizes.intermediate} × {sizes.hidden}."
        )
        rank = min(self.rank, highest_rank(before))
        return Note(f"At rank {rank} some matrices grow. {text}", True) if rank > min(square, wide) else Note(text)

    @property
    def depends_on_weights(self) -> bool:
        """An energy chooses ranks by the weights."""
        return self.energy is not None
