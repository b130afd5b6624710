"""The frontier's lower anchors as lines and points, and in a sentence: what the encoder buys."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from labcore.evaluate.frontier_axes import Axes, cost_of, quality_of
from labcore.evaluate.lower_anchors import evaluated, majority_quality
from labcore.evaluate.pareto_front import Teacher
from labcore.evaluate.provenance import teacher_of
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.results.frontier_measured import TimeAndMemory
from labcore.results.run import FinishedRun
from labcore.views.frontier.axis_words import cost_in_words, drawn_cost, quality_in_words
from labcore.views.palette import MUTED
from labcore.views.teacher_names import names_of_teachers
from labcore.views.words import percent

MAJORITY, TOKEN_VECTORS = "majority class", "mean of token vectors"
DASHES = {MAJORITY: "dot", TOKEN_VECTORS: "dash"}


@dataclass(frozen=True, kw_only=True)
class AnchorLine:
    """A lower anchor on the frontier. kind: MAJORITY or TOKEN_VECTORS. name: with the teacher's, if there are several.

    cost: by the frontier's axis; None if the anchor has none, as a constant, or if it was not measured.
    """

    kind: str
    name: str
    quality: float
    cost: float | None = None


def anchor_lines(
    runs: Sequence[FinishedRun],
    axes: Axes,
    results: Mapping[Teacher, TokenVectorResult],
    measured: Mapping[Teacher, TimeAndMemory],
) -> list[AnchorLine]:
    """The anchors of the teachers of these runs; those that are equal by name and quality are one.

    results: of the token-vector models that are known. measured: their times and memory on this machine.
    """
    names, lines = names_of_teachers(runs), []
    by_teacher: dict[Teacher, list[FinishedRun]] = {}
    for run in runs:
        by_teacher.setdefault(teacher_of(run), []).append(run)
    for teacher, group in by_teacher.items():
        of = f" of {names[teacher]}" if len(by_teacher) > 1 else ""
        if (result := results.get(teacher)) is not None and (quality := quality_of(result, axes.quality)) is not None:
            cost = cost_of(result.counts, axes.cost, measured.get(teacher))
            lines.append(AnchorLine(kind=TOKEN_VECTORS, name=TOKEN_VECTORS + of, quality=quality, cost=cost))
        if (evaluation := evaluated(group)) is None or (most := majority_quality(evaluation, axes.quality)) is None:
            continue
        of = "" if axes.quality == "accuracy" else of  # the accuracy is the task's own
        lines.append(AnchorLine(kind=MAJORITY, name=MAJORITY + of, quality=most))
    return list(dict.fromkeys(lines))


def add_anchors(figure: go.Figure, lines: Sequence[AnchorLine], axes: Axes) -> None:
    """Add a dashed line for each anchor, and a cross where a model without an encoder stands. Its entry has the value.

    The lines are shapes, so they have no effect on the range of the x-axis.
    """
    for line in lines:
        figure.add_hline(
            y=line.quality,
            line={"dash": DASHES[line.kind], "width": 1.5, "color": MUTED},
            name=f"{html.escape(line.name, quote=False)}, {percent(line.quality, 1)}",
            showlegend=True,
        )
    points = [(line, line.cost) for line in lines if line.cost is not None]
    if points:
        figure.add_scatter(
            x=[drawn_cost(cost, axes.cost) for _, cost in points], y=[line.quality for line, _ in points],
            name="without an encoder", mode="markers", marker={"color": MUTED, "symbol": "x", "size": 10},
            cliponaxis=False,  # it may cost next to nothing
            hovertext=[_hover(line, axes) for line, _ in points], hoverinfo="text",
        )  # fmt: skip


def _hover(line: AnchorLine, axes: Axes) -> str:
    assert line.cost is not None
    name = html.escape(line.name, quote=False)
    return f"<b>{name}</b><br>{cost_in_words(line.cost, axes.cost)}<br>{quality_in_words(line.quality, axes.quality)}"


def encoder_in_words(result: TokenVectorResult, majority: float | None, error: float, name: str = "") -> str:
    """What the encoder of a teacher adds to the mean of its token vectors, in Markdown.

    majority: the accuracy of the majority class, if it is known. error: the standard error of the teacher's accuracy.
    name: the teacher's, if there are several.
    """
    gain = 100 * (result.teacher_accuracy - result.accuracy)
    buys = f"buys **{gain:.1f} points**" if gain >= 0 else f"costs **{-gain:.1f} points**"
    constant = "" if majority is None else f", and the majority class {percent(majority, 1)}"
    return (
        f"The encoder{f' of {name}' if name else ''} {buys} of accuracy over the mean of token vectors. "
        f"The teacher has {percent(result.teacher_accuracy, 1)} (standard error {100 * error:.1f}), "
        f"a model without an encoder {percent(result.accuracy, 1)}{constant}."
    )
