"""Parameters after each step, part by part."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.results.counts import MODEL_PARTS, Counts, ModelPart
from labcore.views.design.towers import parts_left
from labcore.views.palette import BACKGROUND, FILL, MUTED, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import millions

SHADES = {"embeddings": 0.5 * FILL, "encoder": FILL, "pooler": 0.8 * FILL, "classifier": FILL}


def flow(stages: Sequence[tuple[str, Counts]]) -> go.Figure:
    """A bar for the teacher and one after each step: parameters by part, zeros hatched, removed ones hollow.

    stages: a name and the counts, the teacher first.
    """
    figure = go.Figure()
    bases = [0.0] * len(stages)
    for part in MODEL_PARTS:
        bases = _add_part(figure, stages, part, bases)
    for (before, was), (after, now) in itertools.pairwise(stages):
        _add_change(figure, before, was, after, now)
    figure.update_layout(
        barmode="overlay",
        bargap=0.25,
        showlegend=False,
        xaxis={"fixedrange": True, "tickangle": 0},
        yaxis={"title": "parameters", "fixedrange": True, "rangemode": "tozero"},
        uniformtext={"mode": "hide", "minsize": 11},
        margin={"t": 28},
    )
    return figure


def _add_part(
    figure: go.Figure, stages: Sequence[tuple[str, Counts]], part: ModelPart, bases: list[float]
) -> list[float]:
    """Draw a part of each stage's model on the parts below it; returns the tops of the bars."""
    names = [name for name, _ in stages]
    colours = [TEACHER] + [STUDENT] * (len(stages) - 1)
    nonzero = [parts_left(counts)[part] for _, counts in stages]
    zeros = [counts.parts[part] - n for (_, counts), n in zip(stages, nonzero, strict=True)]
    figure.add_bar(
        x=names,
        y=nonzero,
        base=bases,
        name=part,
        marker={"color": [faded(c, SHADES[part]) for c in colours], "line": {"color": BACKGROUND, "width": 1}},
        text=[f"{part}<br>{millions(n)}" if n else "" for n in nonzero],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": TEXT},
        hovertext=[f"<b>{name}</b><br>{part}: {n:,} not zero" for name, n in zip(names, nonzero, strict=True)],
        hoverinfo="text",
    )
    tops = [b + n for b, n in zip(bases, nonzero, strict=True)]
    if not any(zeros):
        return tops
    hatched = {"shape": "/", "fgcolor": [faded(c, 0.4) for c in colours], "size": 6, "fillmode": "overlay"}
    figure.add_bar(
        x=names,
        y=zeros,
        base=tops,
        name=f"{part}, zeros",
        marker={"color": [faded(c, 0.08) for c in colours], "pattern": hatched},
        hovertext=[
            f"<b>{name}</b><br>{part}: {n:,} zeros, stored like any number"
            for name, n in zip(names, zeros, strict=True)
        ],
        hoverinfo="text",
    )
    return [b + n for b, n in zip(tops, zeros, strict=True)]


def _add_change(figure: go.Figure, before: str, was: Counts, after: str, now: Counts) -> None:
    """Write the change of a step above its bar, and draw the parameters that it removed."""
    change = now.total - was.total
    figure.add_annotation(
        x=after,
        y=max(was.total, now.total),
        text=f"{'−' if change < 0 else '+'}{millions(abs(change))}" if change else _same(was, now),
        showarrow=False,
        yshift=12,
        font={"color": MUTED, "size": 13},
        hovertext=f"from {before} to {after}",
    )
    if change < 0:
        figure.add_bar(
            x=[after],
            y=[-change],
            base=[now.total],
            marker={"color": "rgba(0,0,0,0)", "line": {"color": faded(STUDENT, 0.45), "width": 1}},
            name="removed",
            hovertext=f"<b>{after}</b><br>{-change:,} parameters fewer",
            hoverinfo="text",
        )


def _same(was: Counts, now: Counts) -> str:
    """The change of a step that removes nothing: its zeros."""
    zeros = was.nonzero - now.nonzero
    return f"{millions(zeros)} zeros" if zeros else "±0"
