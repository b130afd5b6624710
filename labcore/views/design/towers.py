"""Teacher and students side by side, as towers in which area is parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labcore.results.counts import Comparison, Counts, ModelPart
from labcore.views.palette import BACKGROUND, FILL, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import millions, percent

WIDEST = 0.86  # of the distance between the towers
VISIBLE = 0.995  # of the parameters are not 0: above it the two numbers look alike, because any model has a few zeros


@dataclass(frozen=True)
class Block:
    """A rectangle of a tower: `live` of its `parameters` are not 0 (None: not known block by block)."""

    name: str
    parameters: int
    live: int | None
    shade: float


def blocks(counts: Counts) -> list[Block]:
    """The tower of one model, from the input up: embeddings, encoder layers, then pooler and classifier."""
    parts, left = counts.parts, parts_left(counts)
    live = counts.layers_nonzero or (None,) * len(counts.layers)
    encoder = [
        Block(f"layer {i + 1}", parameters, alive, FILL if i % 2 else 0.8 * FILL)
        for i, (parameters, alive) in enumerate(zip(counts.layers, live, strict=True))
    ]
    return [
        Block("embeddings", parts["embeddings"], left["embeddings"], 0.5 * FILL),
        *encoder,
        Block("pooler", parts["pooler"], left["pooler"], 0.8 * FILL),
        Block("classifier", parts["classifier"], left["classifier"], FILL),
    ]


def parts_left(counts: Counts) -> dict[ModelPart, int]:
    """The parameters of each part that are not 0.

    An earlier version's run has only the zeros of pruning: those in no layer are in the embeddings. If the indices of a
    global pruning are unknown, the encoder gets its zeros, and the embeddings those that do not fit there.
    """
    if counts.parts_nonzero is not None:
        return counts.parts_nonzero
    zeros = counts.total - counts.nonzero
    in_encoder = min(zeros, counts.parts["encoder"])
    if counts.layers_nonzero is not None:
        in_encoder = sum(counts.layers) - sum(counts.layers_nonzero)
    held = {"encoder": in_encoder, "embeddings": zeros - in_encoder}
    return {part: n - held.get(part, 0) for part, n in counts.parts.items()}


def towers(teacher: Counts, students: Mapping[str, Counts]) -> dict[str, Any]:
    """The drawing of a teacher and its students by name: width is the hidden size, height is parameters over width.

    It is a Plotly figure as plain data: each move of a slider draws it, and checking a figure takes longer than all
    that it shows. The tests check it.
    """
    sides = [("Teacher", teacher, TEACHER), *((name, counts, STUDENT) for name, counts in students.items())]
    widest = max(counts.hidden for _, counts, _ in sides)
    height = max(counts.total / counts.hidden for _, counts, _ in sides)
    bars = (_tower(x, side, counts, colour, widest) for x, (side, counts, colour) in enumerate(sides))
    return {"data": [bar for pair in bars for bar in pair], "layout": _layout(sides, height)}


def _layout(sides: Sequence[tuple[str, Counts, str]], height: float) -> dict[str, Any]:
    return {
        "barmode": "overlay",
        "bargap": 0,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 44},
        "xaxis": {
            "tickvals": list(range(len(sides))),
            "ticktext": [
                f"<b>{side}</b><br>{millions(counts.total)}"
                + (f", {millions(counts.nonzero)} non-zero" if counts.nonzero < VISIBLE * counts.total else "")
                for side, counts, _ in sides
            ],
            "range": [-0.52, len(sides) - 0.48],
            "showgrid": False,
            "fixedrange": True,
        },
        "yaxis": {"visible": False, "range": [0, height * 1.01], "fixedrange": True},
        "uniformtext": {"mode": "hide", "minsize": 11},
    }


def _tower(x: int, side: str, counts: Counts, colour: str, widest: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A model's bars: its parameters that are not 0, and its zeros above them."""
    width = WIDEST * counts.hidden / widest
    tower = blocks(counts)
    solid, hollow, bases, hollow_bases, hover = [], [], [], [], []
    base = 0.0
    for block in tower:
        # Without weights, a global pruning has a number of zeros and no indices: all of the encoder gets its part.
        fraction = parts_left(counts)["encoder"] / sum(counts.layers)
        live = block.live if block.live is not None else block.parameters * fraction
        solid.append(live / counts.hidden)
        hollow.append((block.parameters - live) / counts.hidden)
        bases.append(base)
        hollow_bases.append(base + solid[-1])
        base += block.parameters / counts.hidden
        of_total = percent(block.parameters / counts.total, 1)
        words = f"<b>{side}: {block.name}</b><br>{block.parameters:,} parameters, {of_total}"
        if block.live is None:
            words += "<br>where the zeros fall depends on the weights"
        elif block.live < block.parameters:
            words += f"<br>{block.parameters - block.live:,} of them zero"
        hover.append(words)
    common = {"type": "bar", "x": [x] * len(tower), "width": width, "hovertext": hover, "hoverinfo": "text"}
    not_zero = {
        **common,
        "y": solid,
        "base": bases,
        "name": side,
        "marker": {"color": [faded(colour, block.shade) for block in tower], "line": {"color": BACKGROUND, "width": 1}},
        "text": [f"{block.name} · {millions(block.parameters)}" for block in tower],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": TEXT},
    }
    zeros = {
        **common,
        "y": hollow,
        "base": hollow_bases,
        "name": f"{side}, zeros",
        "marker": {
            "color": faded(colour, 0.08),
            "line": {"color": faded(colour, 0.5), "width": [1 if h else 0 for h in hollow]},
            "pattern": {"shape": "/", "fgcolor": faded(colour, 0.35), "size": 6, "fillmode": "overlay"},
        },
    }
    return not_zero, zeros


def alternative_text(comparison: Comparison) -> str:
    """The drawing in words, for a reader who can't see it."""
    parts = ", ".join(
        f"{part} {millions(comparison.teacher.parts[part])} to {millions(comparison.student.parts[part])}"
        for part in comparison.teacher.parts
    )
    return (
        "Teacher and student as towers in which area is parameters. "
        f"The teacher has {millions(comparison.teacher.total)}, the student {millions(comparison.student.total)}, "
        f"{percent(comparison.ratio)} of it. From teacher to student: {parts}."
    )
