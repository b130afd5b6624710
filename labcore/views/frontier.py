"""The accuracy-versus-size frontier: which students were worth having."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from labcore.record import Counts, Run
from labcore.views.curves import LEGEND, MARGIN
from labcore.views.palette import MUTED, STUDENT, TEACHER, TEXT
from labcore.views.words import millions, percent, student_in_words

Size = Literal["total", "nonzero", "macs", "sparse"]
SIZES: dict[Size, str] = {
    "total": "parameters",
    "nonzero": "non-zero parameters",
    "macs": "multiply-accumulates",
    "sparse": "stored bytes, zeros left out",
}
TEACHER_POINT = "teacher"


@dataclass(frozen=True)
class Point:
    """A model on the frontier: its run's id (or `teacher`), its size in one of SIZES, and its test accuracy."""

    id: str
    name: str
    size: int
    accuracy: float


def points(runs: Sequence[Run], size: Size) -> list[Point]:
    """The finished runs as points; not those of an earlier version, where it did not record this size."""
    return [
        Point(run.id, student_in_words(run.spec), large, run.result.student["accuracy"])
        for run in runs
        if run.status == "finished" and run.counts and run.result and (large := size_of(run.counts.student, size))
    ]


def teacher_points(runs: Sequence[Run], size: Size) -> list[Point]:
    """The teachers of the finished runs, each once."""
    teachers = {
        run.spec.teacher: Point(TEACHER_POINT, f"teacher: {run.spec.teacher}", large, run.result.teacher["accuracy"])
        for run in runs
        if run.status == "finished" and run.counts and run.result and (large := size_of(run.counts.teacher, size))
    }
    return list(teachers.values())


def size_of(counts: Counts, size: Size) -> int | None:
    """One of a model's sizes; None where it was not recorded."""
    match size:
        case "total":
            return counts.total
        case "nonzero":
            return counts.nonzero
        case "macs":
            return counts.cost.macs if counts.cost else None
        case "sparse":
            return counts.cost.bytes["sparse"] if counts.cost else None


def pareto_front(all_points: Sequence[Point]) -> list[Point]:
    """Points that no other one beats: smaller or as small, and more accurate or as accurate. Smallest first."""
    front: list[Point] = []
    for point in sorted(all_points, key=lambda p: (p.size, -p.accuracy)):
        if not front or point.accuracy > front[-1].accuracy:
            front.append(point)
    return front


def standard_error(accuracy: float, sentences: int) -> float:
    """Of an accuracy measured on so many independent sentences (binomial)."""
    return math.sqrt(accuracy * (1 - accuracy) / sentences)


def frontier(
    students: Sequence[Point], teachers: Sequence[Point], sentences: int, size: Size, chosen: str | None
) -> go.Figure:
    """Accuracy against size, each with a standard error over the test sentences, and the front in between."""
    figure = go.Figure()
    front = pareto_front([*students, *teachers])
    figure.add_scatter(
        x=[p.size for p in front], y=[p.accuracy for p in front], name="Pareto front", mode="lines",
        line={"color": MUTED, "width": 2, "shape": "hv"}, hoverinfo="skip",
    )  # fmt: skip
    for name, group, colour, symbol in (
        ("student", students, STUDENT, "circle"),
        ("teacher", teachers, TEACHER, "star"),
    ):
        figure.add_scatter(
            x=[p.size for p in group],
            y=[p.accuracy for p in group],
            error_y={
                "type": "data",
                "array": [standard_error(p.accuracy, sentences) for p in group],
                "thickness": 1,
                "width": 3,
            },
            name=name,
            mode="markers",
            marker={
                "color": colour,
                "symbol": symbol,
                "size": [18 if p.id == chosen else 13 if name == "teacher" else 11 for p in group],
                "line": {"color": TEXT, "width": [2 if p.id == chosen else 0 for p in group]},
            },
            customdata=[p.id for p in group],
            hovertext=[f"<b>{p.name}</b><br>{millions(p.size)}, accuracy {percent(p.accuracy, 1)}" for p in group],
            hoverinfo="text",
        )
    figure.update_layout(
        xaxis={"title": SIZES[size], "rangemode": "tozero"},
        yaxis={"title": "test accuracy", "tickformat": ".0%"},
        legend=LEGEND,
        margin=MARGIN,
        hovermode="closest",
    )
    return figure
