"""The accuracy-versus-size frontier: which students were worth having."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from labcore.evaluate.provenance import teacher_of
from labcore.evaluate.seed_groups import design_of, without_reruns
from labcore.results.counts import Counts
from labcore.results.run import FinishedRun, Run, finished_runs
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.palette import MUTED, STUDENT, TEACHER, TEXT, faded
from labcore.views.teacher_names import names_of_teachers, teachers_told
from labcore.views.words import design_in_words, millions, percent

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
    """A model on the frontier: its size in one of SIZES, and its test accuracy, the mean where there are several seeds.

    id: of its newest run (or `teacher`). runs: the ids of all its runs, reruns of a seed among them. seeds: the accuracy of
    each seed, by its newest run. recorded: whether it ships with the lab.
    """

    id: str
    name: str
    size: int
    accuracy: float
    runs: tuple[str, ...] = ()
    seeds: tuple[float, ...] = ()
    recorded: bool = False


def points(runs: Sequence[Run], size: Size, recorded: Collection[str] = ()) -> list[Point]:
    """The finished runs as points, one for each design and teacher; not those of an earlier version that did not record this size.

    Each seed counts once, by its newest run. If the runs have several teachers, a point's name has its teacher's.
    recorded: ids of the runs that ship with the lab; they make points of their own.
    """
    finished = finished_runs(runs)
    designs: dict[object, list[FinishedRun]] = {}
    for run in finished:
        designs.setdefault((design_of(run), run.id in recorded), []).append(run)
    told, found = teachers_told(finished), []
    for group in designs.values():
        newest = max(group, key=lambda run: (run.created, run.id))
        large = size_of(newest.counts.student, size)
        if large:
            seeds = tuple(run.result.accuracy for run in finished_runs(without_reruns(group)))
            name = design_in_words(newest.spec) + (f" · teacher {told[newest.id]}" if told else "")
            ids, ships = tuple(run.id for run in group), newest.id in recorded
            found.append(Point(newest.id, name, large, sum(seeds) / len(seeds), ids, seeds, ships))
    return found


def teacher_points(runs: Sequence[Run], size: Size) -> list[Point]:
    """The teachers of the finished runs, each once; two that had one name, but other files, are two."""
    named = names_of_teachers(runs)
    teachers = {
        teacher_of(run): Point(
            TEACHER_POINT, f"teacher: {named[teacher_of(run)]}", large, run.result.teacher_accuracy
        )
        for run in finished_runs(runs)
        if (large := size_of(run.counts.teacher, size))
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
        case _:
            raise ValueError(f"size {size!r} is unknown")


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


def is_chosen(point: Point, chosen: str | None) -> bool:
    """Whether the chosen run is one of the point's."""
    return chosen is not None and chosen in (point.id, *point.runs)


def _hover(point: Point) -> str:
    seeds = f", mean of {len(point.seeds)} seeds" if len(point.seeds) > 1 else ""
    name = "<br>".join(textwrap.wrap(point.name, 44))  # a wider label would hide the points around
    return f"<b>{name}</b><br>{millions(point.size)}, accuracy {percent(point.accuracy, 1)}{seeds}"


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
    figure.add_scatter(
        x=[p.size for p in students if len(p.seeds) > 1 for _ in p.seeds],
        y=[accuracy for p in students if len(p.seeds) > 1 for accuracy in p.seeds],
        name="one seed", mode="markers", marker={"color": faded(STUDENT, 0.35), "size": 5}, hoverinfo="skip",
        showlegend=any(len(p.seeds) > 1 for p in students),
    )  # fmt: skip
    for name, group, colour, symbol in (
        ("recorded", [p for p in students if p.recorded], STUDENT, "circle-open"),
        ("student", [p for p in students if not p.recorded], STUDENT, "circle"),
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
                "opacity": 1,
                "symbol": symbol,
                "size": [18 if is_chosen(p, chosen) else 13 if name == "teacher" else 11 for p in group],
                "line": {
                    "color": colour if name == "recorded" else TEXT,
                    "width": [2 if is_chosen(p, chosen) or p.recorded else 0 for p in group],
                },
            },
            customdata=[p.id for p in group],
            hovertext=[_hover(p) for p in group],
            hoverinfo="text",
            showlegend=bool(group),
        )
    figure.update_layout(
        xaxis={"title": SIZES[size], "rangemode": "tozero"},
        yaxis={"title": "test accuracy", "tickformat": ".0%"},
        legend=LEGEND,
        margin=MARGIN,
        hovermode="closest",
    )
    return figure
