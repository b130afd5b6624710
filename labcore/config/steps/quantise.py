"""Low bits: each weight becomes one of a few values. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from labcore.config.steps.setting import Choice, set_by
from labcore.config.steps.step import Note, Step
from labcore.models.architecture import Structure

Bits = Literal[8, 4, 3, 2]
Group = Literal[32, 64, 128, "row"]
Embeddings = Literal["same", 8, 4, "none"]

BITS = {8: "8", 4: "4", 3: "3", 2: "2, ternary"}
SCALE_BITS = 16  # of the number that the weights of a group share


@dataclass(frozen=True)
class Quantise(Step):
    """Round the matrices of encoder and pooler to `bits` bits, with one scale for each `group` of neighbours in a row.

    `embeddings`: the bits of the embedding tables; "none" leaves them as they are.
    """

    kind: ClassVar[str] = "quantise"
    label: ClassVar[str] = "Low bits"
    summary: ClassVar[str] = (
        "Quantisation: rounds each weight to one of a few values. There are as many weights, and each takes fewer bits."
    )
    no_effect: ClassVar[str] = "leaves every weight as it was; give fewer bits"
    keeps_zeros: ClassVar[bool] = True
    rounds: ClassVar[bool] = True
    DEFAULT_GROUP: ClassVar[int] = 32

    bits: Bits = field(
        metadata=set_by(
            Choice(
                label="Bits of each weight",
                help="With b bits a weight has 2^b − 1 values around 0; with 2 it is −s, 0 or s. 32 bits are usual.",
                options=BITS,
            )
        )
    )
    group: Group = field(
        default=32,
        metadata=set_by(
            Choice(
                label="Weights that share a scale",
                help="Neighbours in a row. Smaller groups fit better, and their scales take more bits.",
                options={32: "32", 64: "64", 128: "128", "row": "a row"},
            )
        ),
    )
    embeddings: Embeddings = field(
        default="same",
        metadata=set_by(
            Choice(
                label="Bits of the embeddings",
                help="Of the tables of words and positions. They are most of a small BERT, and bear few bits worse.",
                options={"same": "the same", 8: "8", 4: "4", "none": "32"},
            )
        ),
    )

    @classmethod
    def default(cls, before: Structure) -> Quantise:
        """4 bits in groups of 32, which change few predictions."""
        return cls(bits=4)

    def describe(self) -> str:
        """Such as `4 bits`, or `2 bits (embeddings 4, groups of 64)`."""
        details = []
        if self.embeddings not in ("same", self.bits):
            details.append(f"embeddings {32 if self.embeddings == 'none' else self.embeddings}")
        if self.group != self.DEFAULT_GROUP:
            details.append("a scale a row" if self.group == "row" else f"groups of {self.group}")
        return f"{self.bits} bits" + (f" ({', '.join(details)})" if details else "")

    @property
    def bits_of_embeddings(self) -> int | None:
        """The bits of each weight of the embedding tables; None if they are not rounded."""
        match self.embeddings:
            case "same":
                return self.bits
            case "none":
                return None
            case bits:
                return bits

    @property
    def columns(self) -> int | None:
        """How many neighbours share a scale; None for a row."""
        return None if self.group == "row" else self.group

    def note(self, before: Structure) -> Note | None:
        """The traps: 2 bits need training, and scales take bits."""
        if self.bits == 2:
            return Note("2 bits lose most of what a teacher knows. Training brings it back: distil this student.")
        if self.columns is not None:
            return Note(f"The scales add {SCALE_BITS / self.columns:g} bits to each weight.")
        return None

    def cost_note(self, steps: Sequence[Step]) -> str:
        """What rounding does not save, and what 8 bits and zeros can't."""
        notes = ["**Low bits save no parameter and no arithmetic.** The file stores each number in fewer bits."]
        if self.bits == 8:
            notes.append("8 bits are a quarter of 32, so rounding to them can't make a file 80 % smaller.")
        if any(step.sets_zeros for step in steps):
            notes.append("A zero takes as many bits as any other value.")
        return " ".join(notes)
