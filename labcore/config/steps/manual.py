"""A new model of other sizes. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from labcore.config.checks import MAX_LAYERS, SpecError
from labcore.config.steps.setting import Choice, Integer, set_by, stops_up_to
from labcore.config.steps.step import Step
from labcore.models.architecture import Architecture, Structure

Init = Literal["random", "teacher"]


def heads_for(hidden: int) -> list[int]:
    """Numbers of heads that divide a hidden size, and leave each head at least 8 wide if there is a choice."""
    divisors = [n for n in range(1, hidden + 1) if hidden % n == 0]
    wide = [n for n in divisors if hidden // n >= 8]
    return wide if len(wide) > 1 else divisors


def nearest_heads(heads: int, hidden: int) -> int:
    """The number of heads nearest to `heads` that divides the hidden size."""
    return min(heads_for(hidden), key=lambda n: (abs(n - heads), n))


def divisibility(hidden: int, heads: int) -> str:
    """The error for a hidden size that its heads do not divide, with the nearest hidden sizes that they do."""
    below = hidden // heads * heads
    nearest = f"{below} or {below + heads}" if below else f"{heads}"
    return (
        f"manual.hidden is {hidden}, which {heads} heads can't share evenly; "
        f"give a hidden size of {nearest}, or a number of heads that divides {hidden}"
    )


def _stops(most: int) -> set[int]:
    """Some fifty sizes up to the teacher's."""
    return stops_up_to(most, max(8, most // 48))


@dataclass(frozen=True)
class Manual(Step):
    """A new model of the teacher's family in the given sizes; a size that is not given is half of the teacher's."""

    kind: ClassVar[str] = "manual"
    label: ClassVar[str] = "Manual sizes"
    summary: ClassVar[str] = "Puts a new, smaller model in place of the teacher, of sizes that you choose."
    reduce: ClassVar[str] = "hidden, intermediate or layers"
    rebuilds: ClassVar[bool] = True
    replaced_by_sizes: ClassVar[tuple[str, ...] | None] = ("hidden", "layers", "heads", "intermediate")

    hidden: int | None = field(
        default=None,
        metadata=set_by(
            Integer(
                label="Hidden size, teacher's {available}",
                help="The width of every hidden state. Half of it halves the embeddings and quarters each matrix.",
                available=lambda before: before.architecture.hidden,
                stops=lambda step, available: _stops(available),
                may_grow=True,
            )
        ),
    )
    layers: int | None = field(
        default=None,
        metadata=set_by(
            Integer(
                label="Layers, teacher's {available}",
                available=lambda before: before.architecture.layers,
                maximum=MAX_LAYERS,
                may_grow=True,
            )
        ),
    )
    heads: int | None = field(
        default=None,
        metadata=set_by(
            Integer(
                label="Attention heads, teacher's {available}",
                help="Heads share the hidden size: at one hidden size, their number changes no parameter.",
                available=lambda before: before.architecture.heads,
                stops=lambda step, available: heads_for(step.hidden),
                may_grow=True,
            )
        ),
    )
    intermediate: int | None = field(
        default=None,
        metadata=set_by(
            Integer(
                label="Feed-forward size, teacher's {available}",
                help="The width between the two feed-forward matrices of a layer.",
                available=lambda before: before.architecture.intermediate,
                stops=lambda step, available: _stops(available),
                may_grow=True,
            )
        ),
    )
    init: Init = field(
        default="random",
        metadata=set_by(
            Choice(
                label="Initial weights",
                help="From the teacher: evenly spaced layers, the main directions of the hidden states, and the heads "
                "and neurons that contribute most. Then each matrix is refitted to the teacher's outputs on 256 "
                "training examples.",
                options={"random": "random", "teacher": "from the teacher"},
                chooses_weights=True,
            )
        ),
    )

    def check(self) -> None:
        """Raises SpecError if the heads do not divide the hidden size."""
        if self.hidden and self.heads and self.hidden % self.heads:
            raise SpecError(divisibility(self.hidden, self.heads))

    @classmethod
    def default(cls, before: Structure) -> Manual:
        """Half of every size, all written out."""
        teacher = before.architecture
        hidden = max(1, teacher.hidden // 2)
        return cls(
            hidden=hidden,
            layers=max(1, teacher.layers // 2),
            heads=nearest_heads(max(1, teacher.heads // 2), hidden),
            intermediate=max(1, teacher.intermediate // 2),
        )

    def architecture(self, teacher: Architecture) -> Architecture:
        """The sizes; one that is not given is half of the teacher's, at least 1. Raises SpecError as `check` does."""
        hidden, embedding = self.hidden or max(1, teacher.hidden // 2), teacher.embedding
        made = replace(
            teacher,
            hidden=hidden,
            embedding=embedding if embedding is not None and embedding < hidden else None,
            layers=self.layers or max(1, teacher.layers // 2),
            heads=self.heads or max(1, teacher.heads // 2),
            intermediate=self.intermediate or max(1, teacher.intermediate // 2),
        )
        if made.hidden % made.heads:
            raise SpecError(divisibility(made.hidden, made.heads))
        return made

    def describe(self) -> str:
        """Such as `manual: 192 hidden, 3 layers (random start)`."""
        named = (
            (self.hidden, "hidden"),
            (self.layers, "layers"),
            (self.heads, "heads"),
            (self.intermediate, "feed-forward"),
        )
        sizes = ", ".join(f"{value} {name}" for value, name in named if value is not None)
        start = "random start" if self.init == "random" else "initialised from the teacher"
        return f"manual: {sizes or 'half of everything'} ({start})"

    def filled(self, before: Structure) -> Manual:
        """The step with every size written out. Raises SpecError if the heads do not divide the hidden size."""
        sizes = self.architecture(before.architecture)
        return replace(
            self, hidden=sizes.hidden, layers=sizes.layers, heads=sizes.heads, intermediate=sizes.intermediate
        )

    def changed(self, name: str, value: object) -> Manual:
        """Another hidden size brings along the nearest number of heads. Raises SpecError as the step does."""
        if name == "hidden" and isinstance(value, int) and self.heads is not None:
            return replace(self, hidden=value, heads=nearest_heads(self.heads, value))
        return replace(self, **{name: value})  # type: ignore[arg-type]

    def cost_note(self, steps: Sequence[Step]) -> str:
        """What fewer heads do not save, unless heads are removed as well."""
        if any(step.kind == "prune_heads" for step in steps):
            return ""
        return (
            "**The number of heads changes no parameter** at one hidden size: fewer heads are wider ones. To make "
            "matrices smaller, remove heads with *Fewer heads*."
        )

    @property
    def random_weights(self) -> bool:
        """Unless it is initialised from the teacher."""
        return self.init == "random"
