"""The curves of a teacher's fine-tuning against steps: its loss, and its accuracy beside the majority baseline."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.config.training import DistilConfig
from labcore.results.events import TeacherValidation, TrainStep
from labcore.views.distil.curves import LEGEND, MARGIN, losses
from labcore.views.palette import MUTED, TEACHER

_HARD_ONLY = DistilConfig(hard=1.0, soft=0.0, hidden=0.0)


def making_losses(steps: Sequence[TrainStep]) -> go.Figure:
    """The cross-entropy of the training batches, smoothed, with single batches faintly behind it."""
    figure = losses(steps, _HARD_ONLY, weighted=False)
    figure.data = [trace for trace in figure.data if trace.legendgroup == "total"]
    return figure.update_traces(name="training loss", selector={"name": "total"}).update_layout(showlegend=False)


def making_accuracies(validations: Sequence[TeacherValidation], steps: int) -> go.Figure:
    """Accuracy on validation examples, and that of always predicting the most frequent class, as dashes."""
    figure = go.Figure()
    if not validations:
        return figure
    figure.add_scatter(
        x=[0, steps], y=[validations[0].majority] * 2, name="majority baseline", mode="lines",
        line={"color": MUTED, "width": 1.5, "dash": "dash"}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    figure.add_scatter(
        x=[event.step for event in validations], y=[event.accuracy for event in validations], name="teacher",
        mode="lines+markers", line={"color": TEACHER, "width": 2}, marker={"size": 6}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    lowest = min(event.accuracy for event in validations)
    return figure.update_layout(
        xaxis={"title": "step", "range": [0, steps]},
        yaxis={
            "title": "validation accuracy",
            "tickformat": ".0%",
            "range": [max(0.0, min(lowest, validations[0].majority) - 0.05), 1.01],
        },
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )
