"""Fewer encoder layers. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from labcore.config.checks import MAX_LAYERS, SpecError, check_integer, shown
from labcore.config.steps.setting import Choice, Either, Integer, Option, Setting, set_by
from labcore.config.steps.step import Step
from labcore.models.architecture import Structure

Pick = Literal["even", "first", "last"]
_WHICH: dict[Pick, str] = {"even": "evenly spread", "first": "the first", "last": "the last"}


def layers_of(structure: Structure) -> int:
    """The number of encoder layers."""
    return structure.architecture.layers


class Layers(Setting):
    """A list of encoder layers."""

    def check(self, path: str, value: object) -> None:
        """Raises SpecError if `value` is no rising list of layers."""
        if not isinstance(value, tuple) or not value:
            raise SpecError(f"{path} is {shown(value)}; give a list of at least one layer, such as [1, 3, 5]")
        for layer in value:
            check_integer(f"a layer in {path}", layer, 0, MAX_LAYERS)
        if list(value) != sorted(set(value)):
            raise SpecError(f"{path} is {list(value)}; give each layer once, in rising order")


@dataclass(frozen=True)
class KeepLayers(Step):
    """Keep some of the teacher's encoder layers: those listed (from 0), or `count` of them by `pick`."""

    kind: ClassVar[str] = "keep_layers"
    label: ClassVar[str] = "Fewer layers"
    summary: ClassVar[str] = "Structural pruning: removes whole encoder layers. The others keep the teacher's weights."
    no_effect: ClassVar[str] = "keeps every layer; keep fewer"
    keeps_zeros: ClassVar[bool] = True
    replaced_by_sizes: ClassVar[tuple[str, ...] | None] = ("layers",)
    either: ClassVar[Either | None] = Either(
        label="Encoder layers to keep",
        options={
            "layers": Option(label="listed", start=lambda before: tuple(range(layers_of(before)))),
            "count": Option(label="a number", start=lambda before: max(1, layers_of(before) // 2)),
        },
    )
    order: ClassVar[tuple[str, ...]] = ("count", "pick", "layers")

    layers: tuple[int, ...] | None = field(default=None, metadata=set_by(Layers(label="Layers, chosen one by one")))
    count: int | None = field(
        default=None,
        metadata=set_by(
            Integer(
                label="Encoder layers to keep, of {available}",
                help="An encoder layer is one round of attention and feed-forward. The student keeps the teacher's "
                "weights.",
                available=layers_of,
                maximum=MAX_LAYERS,
            )
        ),
    )
    pick: Pick = field(
        default="even",
        metadata=set_by(
            Choice(
                label="Which layers",
                help="`even` spreads them over the depth and includes the last layer.",
                options={pick: pick for pick in _WHICH},
                chooses_weights=True,
            )
        ),
    )

    @classmethod
    def default(cls, before: Structure) -> KeepLayers:
        """Half of the layers."""
        return cls(count=max(1, layers_of(before) // 2))

    def describe(self) -> str:
        """Such as `3 layers, evenly spread` or `layers 2, 4, 6`, counted from 1."""
        if self.layers is None:
            return f"{self.count} layer{'s' if self.count != 1 else ''}, {_WHICH[self.pick]}"
        numbers = ", ".join(str(layer + 1) for layer in self.layers)
        return f"layer{'s' if len(self.layers) != 1 else ''} {numbers}"

    def kept(self, available: int) -> tuple[int, ...]:
        """Indices (from 0) of the layers that stay, if there are enough of `available`."""
        return self.layers or picked_layers(available, min(self.count or 0, available), self.pick)

    def ineffective(self, *, gradual: bool) -> Iterator[tuple[str, str]]:
        """`pick`, if the layers are listed."""
        if self.layers is not None:
            yield "pick", "the layers are listed; give 'count' instead of 'layers', or leave 'pick' out"

    def choosing_weights(self) -> tuple[str, ...]:
        """`pick`, unless the layers are listed."""
        return ("pick",) if self.layers is None else ()


def picked_layers(available: int, count: int, pick: Pick) -> tuple[int, ...]:
    """Indices (from 0) of `count` of `available` layers; `even` always keeps the last: 3 of 6 gives 1, 3, 5."""
    if pick == "first":
        return tuple(range(count))
    if pick == "last":
        return tuple(range(available - count, available))
    return tuple((i + 1) * available // count - 1 for i in range(count))
