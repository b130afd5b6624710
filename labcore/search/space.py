"""The designs that a search may propose: a grid of sizes for each dimension, and a point's steps.

Standard library only. Every grid is in proportion to the teacher, so a search needs nothing but the teacher's sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labcore.config import steps
from labcore.config.presets import CAPACITIES
from labcore.config.steps import Factorise, FactoriseEmbeddings, Manual, Step, TrimVocabulary
from labcore.config.steps.manual import nearest_heads
from labcore.models.architecture import Architecture
from labcore.search.search_settings import Size
from labcore.teacher.built_in import MINILM

Point = Mapping[str, int]  # of each dimension the place in its grid

VOCABULARIES = 11  # each 1/√2 of the one before it, so the smallest is 1/32 of the teacher's
FEED_FORWARD = (1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1.0)  # of the teacher's ratio to the hidden size
RANKS = (1 / 8, 1 / 6, 1 / 4, 3 / 8, 1.0)  # of the hidden size; 1 leaves the matrices as they are
BITS = (2, 3, 4, 8, 32)  # of a stored weight; 32 leaves it as it is
NARROWEST = 8  # hidden size: below it the fits of the initialisation are singular
GROUP = 64  # weights that share a scale
QUANTISE = "quantise"


@dataclass(frozen=True)
class Space:
    """The grids of a teacher's students, smallest first. bits: whether stored bits are a dimension."""

    teacher: Architecture
    bits: bool = False

    @property
    def grids(self) -> dict[str, tuple[float, ...]]:
        """The values of each dimension. A dimension with one value is left out."""
        teacher = self.teacher
        width = max(1, teacher.hidden // teacher.heads // 2)  # half a head of the teacher
        narrowest = min(teacher.hidden, -(-NARROWEST // width) * width)
        vocabularies = {max(1, round(teacher.vocabulary * 2 ** (-i / 2))) for i in range(VOCABULARIES)}
        grids: dict[str, tuple[float, ...]] = {
            "vocabulary": tuple(sorted(vocabularies)),
            "hidden": tuple(sorted({*range(narrowest, teacher.hidden + 1, width), teacher.hidden})),
            "layers": tuple(range(1, teacher.layers + 1)),
            "heads": tuple(range(1, teacher.heads + 1)),
            "feed_forward": FEED_FORWARD,
            "rank": RANKS,
            "embedding_rank": RANKS,
        }
        if self.bits:
            grids["bits"] = BITS
        return {name: grid for name, grid in grids.items() if len(grid) > 1}

    def values(self, point: Point) -> dict[str, float]:
        """The value of each dimension at a point; one that is no dimension has the teacher's."""
        full = {"vocabulary": self.teacher.vocabulary, "hidden": self.teacher.hidden, "layers": self.teacher.layers}
        full |= {"heads": self.teacher.heads, "feed_forward": 1, "rank": 1, "embedding_rank": 1, "bits": 32}
        return full | {name: grid[point[name]] for name, grid in self.grids.items()}

    def steps(self, point: Point) -> tuple[Step, ...]:
        """The lab's steps that make the point's student; none if it is the teacher. Raises SpecError."""
        at, teacher = self.values(point), self.teacher
        hidden = round(at["hidden"])
        heads = nearest_heads(round(at["heads"]), hidden)
        intermediate = max(1, round(at["feed_forward"] * hidden * teacher.intermediate / teacher.hidden))
        made: list[Step] = []
        if at["vocabulary"] < teacher.vocabulary:
            made.append(TrimVocabulary(size=round(at["vocabulary"])))
        sizes = (hidden, round(at["layers"]), heads, intermediate)
        if sizes != (teacher.hidden, teacher.layers, teacher.heads, teacher.intermediate):
            made.append(Manual(hidden=hidden, layers=sizes[1], heads=heads, intermediate=intermediate, init="teacher"))
        if at["rank"] < 1:
            rank = min(round(at["rank"] * hidden), intermediate)
            made.append(Factorise(rank=max(1, rank), method="activation"))
        if at["embedding_rank"] < 1:
            made.append(FactoriseEmbeddings(rank=max(1, round(at["embedding_rank"] * hidden))))
        if at["bits"] < 32:
            bits = round(at["bits"])
            quantise = {"kind": QUANTISE, "bits": bits, "group": GROUP, "embeddings": "same" if bits >= 4 else 4}
            made.append(steps.steps_from((quantise,))[0])
        return tuple(made)

    def nearest(self, **wanted: float) -> Point:
        """The point nearest to these values; a dimension that is not given keeps everything."""
        return {
            name: min(range(len(grid)), key=lambda i: (abs(grid[i] - wanted.get(name, grid[-1])), i))
            for name, grid in self.grids.items()
        }

    @property
    def anchors(self) -> tuple[Point, ...]:
        """The reference sweep's shapes in proportion to this teacher, the largest first: where every search begins."""
        teacher, points = self.teacher, []
        for shape, _ in reversed(CAPACITIES):
            hidden = shape.hidden / MINILM.hidden * teacher.hidden
            points.append(
                self.nearest(
                    vocabulary=shape.tokens / MINILM.vocabulary * teacher.vocabulary,
                    hidden=hidden,
                    layers=shape.layers / MINILM.layers * teacher.layers,
                    heads=max(1.0, hidden * teacher.heads / teacher.hidden),
                )
            )
        return tuple(points)


def space_of(teacher: Architecture, size: Size) -> Space:
    """The space of a teacher's students. Bits are a dimension if bytes count and the lab has the step."""
    return Space(teacher, bits=size == "bytes" and QUANTISE in steps.by_kind())
