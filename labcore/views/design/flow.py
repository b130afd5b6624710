"""Where the parameters went: what each step took from the teacher, part by part."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.results.counts import MODEL_PARTS, Counts
from labcore.views.design.towers import parts_left
from labcore.views.palette import BACKGROUND, FILL, MUTED, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import millions

SHADES = {"embeddings": 0.5 * FILL, "encoder": FILL, "pooler": 0.8 * FILL, "classifier": FILL}


def flow(stages: Sequence[tuple[str, Counts]]) -> go.Figure:
    """A bar for the teacher and one after each step: parameters by part, zeros hatched, what a step removed hollow.

    stages: a name and the counts, the teacher first.
    """
    names = [name for name, _ in stages]
    figure = go.Figure()
    colours = [TEACHER] + [STUDENT] * (len(stages) - 1)
    bases = [0.0] * len(stages)
    for part in MODEL_PARTS:
        live = [parts_left(counts)[part] for _, counts in stages]
        zeros = [counts.parts[part] - n for (_, counts), n in zip(stages, live, strict=True)]
        figure.add_bar(
            x=names,
            y=live,
            base=list(bases),
            name=part,
            marker={"color": [faded(c, SHADES[part]) for c in colours], "line": {"color": BACKGROUND, "width": 1}},
            text=[f"{part}<br>{millions(n)}" if n else "" for n in live],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": TEXT},
            hovertext=[f"<b>{name}</b><br>{part}: {n:,} not zero" for name, n in zip(names, live, strict=True)],
            hoverinfo="text",
        )
        bases = [b + n for b, n in zip(bases, live, strict=True)]
        if any(zeros):
            figure.add_bar(
                x=names,
                y=zeros,
                base=list(bases),
                name=f"{part}, zeros",
                marker={
                    "color": [faded(c, 0.08) for c in colours],
                    "pattern": {
                        "shape": "/",
                        "fgcolor": [faded(c, 0.4) for c in colours],
                        "size": 6,
                        "fillmode": "overlay",
                    },
                },
                hovertext=[
                    f"<b>{name}</b><br>{part}: {n:,} zeros, stored like any number"
                    for name, n in zip(names, zeros, strict=True)
                ],
                hoverinfo="text",
            )
            bases = [b + n for b, n in zip(bases, zeros, strict=True)]
    for (before, was), (after, now) in itertools.pairwise(stages):
        change = now.total - was.total
        words = f"{'−' if change < 0 else '+'}{millions(abs(change))}" if change else _same(was, now)
        figure.add_annotation(
            x=after, y=max(was.total, now.total), text=words, showarrow=False, yshift=12, font={"color": MUTED, "size": 13},
            hovertext=f"from {before} to {after}",
        )  # fmt: skip
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


def _same(was: Counts, now: Counts) -> str:
    zeros = was.nonzero - now.nonzero
    return f"{millions(zeros)} zeros" if zeros else "±0"
