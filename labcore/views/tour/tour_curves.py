"""The curves of the tour: your runs in full colour, the reference results beside them as dashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from labcore.evaluate.tour_results import CurvePoint
from labcore.results.events import Validation
from labcore.views.palette import GONE, STUDENT, TEXT

COLOURS = (STUDENT, GONE, TEXT)  # of up to three arms; blue is the teacher's
LEGEND = {"orientation": "h", "y": -0.42, "yanchor": "top", "x": 0, "xanchor": "left"}
MARGIN = {"l": 48, "r": 8, "t": 8, "b": 40}


def arm_curves(
    yours: Mapping[str, Sequence[Validation]], figures: Mapping[str, Sequence[CurvePoint]], steps: int
) -> go.Figure:
    """Accuracy on validation examples against steps: each arm's own run, and what is recorded of it so far.

    yours, recorded: by the arm's label, in one order. steps: the length of the training.
    """
    figure = go.Figure()
    for (label, points), colour in zip(figures.items(), COLOURS, strict=False):
        figure.add_scatter(
            x=[point.step for point in points], y=[point.accuracy for point in points], name=f"{label}, recorded",
            mode="lines", line={"color": colour, "width": 1.5, "dash": "dash"}, hovertemplate="%{y:.1%}",
        )  # fmt: skip
    for (label, validations), colour in zip(yours.items(), COLOURS, strict=False):
        figure.add_scatter(
            x=[each.step for each in validations], y=[each.accuracy for each in validations], name=f"{label}, your run",
            mode="lines+markers", line={"color": colour, "width": 2.5}, hovertemplate="%{y:.1%}",
        )  # fmt: skip
    return figure.update_layout(
        xaxis={"title": "training step", "range": [0, steps], "fixedrange": True},
        yaxis={"title": "validation accuracy", "tickformat": ".0%", "range": [0.45, 0.9], "fixedrange": True},
        legend=LEGEND,
        margin=MARGIN,
        showlegend=True,
    )


def revealed_loss(curve: Sequence[CurvePoint], until: float) -> go.Figure:
    """ReferenceFigures loss on validation examples, as far as `until` steps; the axes have their final range."""
    shown = [point for point in curve if point.step <= until]
    losses = [point.loss for point in curve]
    figure = go.Figure()
    figure.add_scatter(
        x=[point.step for point in shown], y=[point.loss for point in shown], name="validation loss, recorded",
        mode="lines+markers", line={"color": STUDENT, "width": 2, "dash": "dash"}, hovertemplate="%{y:.3f}",
    )  # fmt: skip
    figure.add_vline(x=until, line={"color": GONE, "width": 1})
    return figure.update_layout(
        xaxis={"title": "training step", "range": [0, curve[-1].step * 1.02], "fixedrange": True},
        yaxis={"title": "validation loss", "range": [0.95 * min(losses), 1.05 * max(losses)], "fixedrange": True},
        margin=MARGIN,
        showlegend=False,
    )
