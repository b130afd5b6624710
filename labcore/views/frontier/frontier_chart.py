"""The frontier: a quality against a cost, with the Pareto front."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Collection, Sequence

import plotly.graph_objects as go

from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.pareto_front import Measurements, Point, design_points, pareto_front, teacher_points
from labcore.results.run import Run, finished_runs
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.frontier.anchor_lines import AnchorLine, add_anchors
from labcore.views.frontier.axis_words import QUALITY_NAMES, cost_in_words, cost_title, drawn_cost, quality_in_words
from labcore.views.palette import MUTED, OTHERS, STUDENT, TEACHER, TEXT, faded
from labcore.views.run_names import names_of_designs
from labcore.views.teacher_names import names_of_teachers
from labcore.views.words import training_length_in_words

SHORT = "much shorter training"
OF_OTHERS = "student of others"


def named_points(
    runs: Sequence[Run], axes: Axes, shipped: Collection[str] = (), measured: Measurements | None = None
) -> list[Point]:
    """The finished runs as points with their short names; if there are several teachers, also with the teacher's.

    A point has the name that somebody gave the newest of its runs with one. shipped: ids of the runs that came with
    the lab. measured: on this machine.
    """
    finished = finished_runs(runs)
    return design_points(finished, axes, names_of_designs(finished, shipped), shipped, measured)


def named_teacher_points(runs: Sequence[Run], axes: Axes, measured: Measurements | None = None) -> list[Point]:
    """The teachers of the finished runs as points, with their short names."""
    names = {teacher: f"teacher: {name}" for teacher, name in names_of_teachers(runs).items()}
    return teacher_points(runs, axes, names, measured)


def frontier(
    students: Sequence[Point],
    teachers: Sequence[Point],
    examples: int,
    axes: Axes,
    chosen: str | None,
    anchors: Sequence[AnchorLine] = (),
) -> go.Figure:
    """Quality against cost, each quality with a standard error over the test examples, and the front in between.

    A student whose training was much shorter than that of its like has an open marker.
    examples: of the test split. chosen: the id of the run whose point is larger. anchors: below which no model needs
    an encoder.
    """
    figure = go.Figure()
    front = pareto_front([*students, *teachers])
    figure.add_scatter(
        x=[drawn_cost(p.cost, axes.cost) for p in front], y=[p.quality for p in front],
        name="Pareto front", mode="lines",
        line={"color": MUTED, "width": 2, "shape": "hv"}, hoverinfo="skip",
    )  # fmt: skip
    _add_seeds(figure, [point for point in students if len(point.seeds) > 1], axes)
    shipped, own = [p for p in students if p.shipped], [p for p in students if not p.shipped and not p.other]
    others = [p for p in students if p.other]
    _add_points(
        figure, shipped, examples, axes, chosen, name="reference", colour=STUDENT, symbol="diamond", diameter=11
    )
    _add_points(figure, own, examples, axes, chosen, name="student", colour=STUDENT, symbol="circle", diameter=11)
    if others:
        _add_points(figure, others, examples, axes, chosen, name=OF_OTHERS, colour=OTHERS, symbol="square", diameter=10)
    _add_points(figure, teachers, examples, axes, chosen, name="teacher", colour=TEACHER, symbol="star", diameter=13)
    if any(point.short for point in students):
        marker = {"color": STUDENT, "symbol": "circle-open", "size": 11, "line": {"width": 2}}
        figure.add_scatter(x=[None], y=[None], name=SHORT, mode="markers", marker=marker, hoverinfo="skip")
    add_anchors(figure, anchors, axes)
    return figure.update_layout(
        xaxis={"title": cost_title(axes.cost), "rangemode": "tozero"},
        yaxis={
            "title": QUALITY_NAMES[axes.quality],
            "tickformat": ".0%",
            "autorangeoptions": {"clipmin": -0.05, "clipmax": highest_of(axes) + 0.05},
        },
        legend=LEGEND,
        margin=MARGIN,
        hovermode="closest",
    )


def highest_of(axes: Axes) -> float:
    """The highest quality that a model can have: a retention has none that is known."""
    return 1.0 if axes.quality != "retention" else 10.0


def _add_seeds(figure: go.Figure, students: Sequence[Point], axes: Axes) -> None:
    """Add a small dot for each seed of students that have several."""
    figure.add_scatter(
        x=[drawn_cost(p.cost, axes.cost) for p in students for _ in p.seeds],
        y=[quality for p in students for quality in p.seeds],
        name="one seed", mode="markers", marker={"color": faded(STUDENT, 0.35), "size": 5}, hoverinfo="skip",
        showlegend=bool(students),
    )  # fmt: skip


def _add_points(
    figure: go.Figure,
    points: Sequence[Point],
    examples: int,
    axes: Axes,
    chosen: str | None,
    *,
    name: str,
    colour: str,
    symbol: str,
    diameter: int,
) -> None:
    """Add points of one kind with their standard errors; the chosen one is larger and has an edge."""
    points = sorted(points, key=lambda point: point.short)  # the legend shows the marker of the first
    known = [point.error(axes, examples) for point in points]
    errors, highest = [error or 0.0 for error in known], highest_of(axes)
    marker = {
        "color": colour,
        "opacity": 1,
        "symbol": [f"{symbol}-open" if point.short else symbol for point in points],
        "size": [18 if point.has_run(chosen) else diameter for point in points],
        "line": {
            "color": [colour if point.short else TEXT for point in points],
            "width": [2 if point.has_run(chosen) or point.short else 0 for point in points],
        },
    }
    figure.add_scatter(
        x=[drawn_cost(point.cost, axes.cost) for point in points], y=[point.quality for point in points], name=name,
        mode="markers",
        error_y={
            "type": "data", "symmetric": False, "thickness": 1, "width": 3, "visible": any(known),
            "array": [min(error, highest - point.quality) for error, point in zip(errors, points, strict=True)],
            "arrayminus": [min(error, point.quality) for error, point in zip(errors, points, strict=True)],
        }, marker=marker,
        customdata=[point.id for point in points],
        hovertext=[_hover(point, axes) for point in points], hoverinfo="text",
        showlegend=not all(point.short for point in points),  # these have an entry of their own
    )  # fmt: skip


def _hover(point: Point, axes: Axes) -> str:
    """The label of a point, as the HTML that Plotly reads: somebody may have given the name."""
    seeds = f", mean of {len(point.seeds)} seeds" if len(point.seeds) > 1 else ""
    lines = textwrap.wrap(point.name, 44)  # a wider label would hide the points around
    name = "<br>".join(html.escape(line, quote=False) for line in lines)
    length = f"<br>trained {training_length_in_words(point.length)}" if point.length else ""
    short = f"<br>{SHORT}" if point.short else ""
    cost, quality = cost_in_words(point.cost, axes.cost), quality_in_words(point.quality, axes.quality)
    return f"<b>{name}</b><br>{cost}<br>{quality}{seeds}{length}{short}"
