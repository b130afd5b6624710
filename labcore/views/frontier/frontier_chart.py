"""The frontier: accuracy against size, with the Pareto front."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence

import plotly.graph_objects as go

from labcore.evaluate.pareto_front import Point, Size, design_points, pareto_front, teacher_points
from labcore.evaluate.significance import standard_error
from labcore.results.run import Run, finished_runs
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.palette import MUTED, STUDENT, TEACHER, TEXT, faded
from labcore.views.teacher_names import names_of_teachers, teacher_column
from labcore.views.words import design_in_words, millions, percent

SIZES: dict[Size, str] = {
    "total": "parameters",
    "nonzero": "non-zero parameters",
    "macs": "multiply-accumulates",
    "sparse": "stored bytes, zeros left out",
}


def named_points(runs: Sequence[Run], size: Size, shipped: Collection[str] = ()) -> list[Point]:
    """The finished runs as points, named by their design; and by their teacher, if there are several.

    shipped: ids of the runs that came with the lab.
    """
    finished = finished_runs(runs)
    teachers = teacher_column(finished)
    names = {
        run.id: design_in_words(run.spec) + (f" · teacher {teachers[run.id]}" if teachers else "") for run in finished
    }
    return design_points(finished, size, names, shipped)


def named_teacher_points(runs: Sequence[Run], size: Size) -> list[Point]:
    """The teachers of the finished runs as points, with their short names."""
    names = {teacher: f"teacher: {name}" for teacher, name in names_of_teachers(runs).items()}
    return teacher_points(runs, size, names)


def frontier(
    students: Sequence[Point], teachers: Sequence[Point], examples: int, size: Size, chosen: str | None
) -> go.Figure:
    """Accuracy against size, each with a standard error over the test examples, and the front in between.

    examples: of the test split. chosen: the id of the run whose point is larger.
    """
    figure = go.Figure()
    front = pareto_front([*students, *teachers])
    figure.add_scatter(
        x=[p.size for p in front], y=[p.accuracy for p in front], name="Pareto front", mode="lines",
        line={"color": MUTED, "width": 2, "shape": "hv"}, hoverinfo="skip",
    )  # fmt: skip
    _add_seeds(figure, [point for point in students if len(point.seeds) > 1])
    shipped, own = [p for p in students if p.shipped], [p for p in students if not p.shipped]
    _add_points(figure, shipped, examples, chosen, name="reference", colour=STUDENT, symbol="circle-open", diameter=11)
    _add_points(figure, own, examples, chosen, name="student", colour=STUDENT, symbol="circle", diameter=11)
    _add_points(figure, teachers, examples, chosen, name="teacher", colour=TEACHER, symbol="star", diameter=13)
    return figure.update_layout(
        xaxis={"title": SIZES[size], "rangemode": "tozero"},
        yaxis={"title": "test accuracy", "tickformat": ".0%"},
        legend=LEGEND,
        margin=MARGIN,
        hovermode="closest",
    )


def _add_seeds(figure: go.Figure, students: Sequence[Point]) -> None:
    """Add a small dot for each seed of students that have several."""
    figure.add_scatter(
        x=[p.size for p in students for _ in p.seeds], y=[accuracy for p in students for accuracy in p.seeds],
        name="one seed", mode="markers", marker={"color": faded(STUDENT, 0.35), "size": 5}, hoverinfo="skip",
        showlegend=bool(students),
    )  # fmt: skip


def _add_points(
    figure: go.Figure,
    points: Sequence[Point],
    examples: int,
    chosen: str | None,
    *,
    name: str,
    colour: str,
    symbol: str,
    diameter: int,
) -> None:
    """Add points of one kind with their standard errors; the chosen one is larger and has an edge."""
    errors = [standard_error(point.accuracy, examples) for point in points]
    is_open = symbol.endswith("-open")
    marker = {
        "color": colour,
        "opacity": 1,
        "symbol": symbol,
        "size": [18 if point.has_run(chosen) else diameter for point in points],
        "line": {
            "color": colour if is_open else TEXT,
            "width": [2 if point.has_run(chosen) or is_open else 0 for point in points],
        },
    }
    figure.add_scatter(
        x=[point.size for point in points], y=[point.accuracy for point in points], name=name, mode="markers",
        error_y={"type": "data", "array": errors, "thickness": 1, "width": 3}, marker=marker,
        customdata=[point.id for point in points], hovertext=[_hover(point) for point in points], hoverinfo="text",
        showlegend=bool(points),
    )  # fmt: skip


def _hover(point: Point) -> str:
    seeds = f", mean of {len(point.seeds)} seeds" if len(point.seeds) > 1 else ""
    name = "<br>".join(textwrap.wrap(point.name, 44))  # a wider label would hide the points around
    return f"<b>{name}</b><br>{millions(point.size)}, accuracy {percent(point.accuracy, 1)}{seeds}"
