"""Pictures of hard-weight groups: their accuracy under each condition of a cue, against the hard weight."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.evaluate.hard_weight_groups import CONDITIONS, HardWeightGroup
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.palette import CONDITION_COLOURS, STUDENT, faded


def by_hard_weight(groups: Sequence[HardWeightGroup], chosen: HardWeightGroup | None = None) -> go.Figure:
    """Test accuracy under each condition against the hard weight: means, 95 % intervals, each seed as a dot.

    Dashed is the teacher's accuracy. Dotted is the student's agreement with the teacher if the cue contradicts the
    label.
    """
    figure = go.Figure()
    for condition, colour in zip(CONDITIONS, CONDITION_COLOURS, strict=True):
        _add_teacher(figure, groups[0].teacher_accuracy[condition], condition, colour)
        _add_condition(figure, groups, condition, colour)
    figure.add_scatter(
        x=[group.hard for group in groups], y=[group.agreement("contradicts").mean for group in groups],
        name="agreement, contradicts", mode="lines", line={"color": STUDENT, "width": 2, "dash": "dot"},
        hovertemplate="%{y:.1%}",
    )  # fmt: skip
    if chosen is not None:
        figure.add_vline(x=chosen.hard, line={"color": faded(STUDENT, 0.35), "width": 10})
    return figure.update_layout(
        xaxis={"title": "hard weight (the soft weight is the rest of 1)", "range": [-0.04, 1.04], "fixedrange": True},
        yaxis={"title": "fraction of test examples", "tickformat": ".0%", "range": [0, 1.02], "fixedrange": True},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )


def _add_teacher(figure: go.Figure, accuracy: float, condition: str, colour: str) -> None:
    """Add the teacher's accuracy under one condition."""
    figure.add_scatter(
        x=[0, 1], y=[accuracy] * 2, name=f"teacher, {condition}", mode="lines", showlegend=False,
        line={"color": faded(colour, 0.6), "width": 1.5, "dash": "dash"}, hovertemplate="%{y:.1%}",
    )  # fmt: skip


def _add_condition(figure: go.Figure, groups: Sequence[HardWeightGroup], condition: str, colour: str) -> None:
    """Add the students' accuracy under one condition, and a dot for each seed."""
    means = [group.accuracy(condition) for group in groups]
    halves = [each.half or 0.0 for each in means]
    figure.add_scatter(
        x=[group.hard for group in groups], y=[each.mean for each in means], name=condition, mode="lines+markers",
        error_y={"type": "data", "array": halves, "thickness": 1.2, "width": 4, "color": colour},
        line={"color": colour, "width": 2}, marker={"size": 7}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    figure.add_scatter(
        x=[group.hard for group in groups for _ in group.accuracies[condition]],
        y=[accuracy for group in groups for accuracy in group.accuracies[condition]],
        mode="markers", showlegend=False, hoverinfo="skip", marker={"color": faded(colour, 0.35), "size": 5},
    )  # fmt: skip
