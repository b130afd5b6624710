"""The picture of a search: each design's accuracy against its size, in the colour of its rung, and the goal."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.search.history import Design, History
from labcore.search.ranking import Ranking
from labcore.search.search_events import Rung
from labcore.search.search_settings import SIZE_WORDS, SearchSettings
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.palette import COMPARED, GONE, MUTED, STUDENT, TEACHER, TEXT
from labcore.views.search.search_words import RUNG_WORDS, design_in_words
from labcore.views.words import percent

MARKERS: dict[Rung, tuple[str, str, int]] = {  # colour, symbol, diameter
    "untrained": (GONE, "circle-open", 8),
    "short": (COMPARED[1], "diamond", 9),
    "full": (STUDENT, "circle", 12),
}


def search_front(search: SearchSettings, history: History) -> go.Figure:
    """All designs that were measured, the best so far, the front of the fully trained, the teacher and the goal."""
    figure = go.Figure()
    ranking = None if history.teacher is None else Ranking(search, history)
    best = None if ranking is None else ranking.best_so_far()
    _add_front(figure, history.reached("full"))
    for rung in MARKERS:
        _add_rung(figure, search, [each for each in history.designs if each.alive and each.rung == rung], rung)
    if best is not None and best.rung is not None:
        figure.add_scatter(
            x=[best.size], y=[best.at(best.rung)], name="best so far", mode="markers", hoverinfo="skip",
            marker={"symbol": "circle-open", "size": 22, "color": TEXT, "line": {"width": 2}},
        )  # fmt: skip
    if history.teacher is not None:
        figure.add_scatter(
            x=[history.teacher.size], y=[history.teacher.accuracy], name="teacher", mode="markers",
            marker={"color": TEACHER, "symbol": "star", "size": 13},
            hovertext=[f"teacher, {percent(history.teacher.accuracy, 1)}"], hoverinfo="text",
        )  # fmt: skip
        if search.goal.within is not None and ranking is not None:
            figure.add_hline(y=ranking.target, line={"color": MUTED, "dash": "dot", "width": 2})
    if search.goal.limit is not None:
        figure.add_vline(x=search.goal.limit, line={"color": MUTED, "dash": "dot", "width": 2})
    return figure.update_layout(
        xaxis={"title": SIZE_WORDS[search.goal.size], "type": "log"},
        yaxis={"title": "validation accuracy", "tickformat": ".0%"},
        legend=LEGEND,
        margin=MARGIN,
        hovermode="closest",
    )


def _add_front(figure: go.Figure, trained: Sequence[Design]) -> None:
    """The line of the fully trained designs that none both smaller and more accurate beats."""
    front: list[Design] = []
    for design in sorted(trained, key=lambda each: (each.known_size, -(each.at("full") or 0.0))):
        if not front or (design.at("full") or 0.0) > (front[-1].at("full") or 0.0):
            front.append(design)
    figure.add_scatter(
        x=[each.size for each in front], y=[each.at("full") for each in front], name="front", mode="lines",
        line={"color": MUTED, "width": 2, "shape": "hv"}, hoverinfo="skip", showlegend=bool(front),
    )  # fmt: skip


def _add_rung(figure: go.Figure, search: SearchSettings, designs: Sequence[Design], rung: Rung) -> None:
    colour, symbol, diameter = MARKERS[rung]
    figure.add_scatter(
        x=[each.size for each in designs], y=[each.at(rung) for each in designs], name=RUNG_WORDS[rung],
        mode="markers", marker={"color": colour, "symbol": symbol, "size": diameter},
        hovertext=[_hover(search, each, rung) for each in designs], hoverinfo="text", showlegend=bool(designs),
    )  # fmt: skip


def _hover(search: SearchSettings, design: Design, rung: Rung) -> str:
    lines = textwrap.wrap(design_in_words(search, design), 44)
    name = "<br>".join(html.escape(line, quote=False) for line in lines)
    seeds = len(design.trained(rung))
    of_seeds = f", mean of {seeds} seeds" if seeds > 1 else ""
    return f"design {design.number}<br>{name}<br>{percent(design.at(rung) or 0.0, 1)} {RUNG_WORDS[rung]}{of_seeds}"
