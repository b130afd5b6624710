"""Pictures of the capacity gap: accuracy against size with and without the teacher, and what the teacher adds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.config.loss_terms import HARD
from labcore.evaluate.capacity_gap import SizeResult, too_small
from labcore.results.evaluation import SeedMean
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.palette import GONE, MUTED, STUDENT, TEACHER, faded
from labcore.views.words import percent

BEYOND = 1.25  # the x axis begins at the smallest size over this factor
BESIDE = 1.15  # the grey area ends at this factor beside its last size
SIZE_AXIS = "size: fraction of the teacher's parameters"


def capacity_gap(sizes: Sequence[SizeResult], loss: float) -> go.Figure:
    """Test accuracy against size, with and without the teacher, means and 95 % intervals over seeds.

    The band is the acceptable loss of accuracy. Grey, on the left: sizes that are significantly too small for it.
    """
    figure, teacher, left = go.Figure(), sizes[0].teacher_accuracy, sizes[0].ratio / BEYOND
    figure.add_hrect(y0=teacher - loss, y1=teacher, fillcolor=faded(TEACHER, 0.12), line_width=0, layer="below")
    figure.add_scatter(
        x=[left, 1], y=[teacher, teacher], name="teacher", mode="lines",
        line={"color": TEACHER, "width": 2, "dash": "dash"}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    ratios = [size.ratio for size in sizes]
    with_teacher, without = [size.distilled_mean for size in sizes], [size.no_teacher_mean for size in sizes]
    _add_means(figure, ratios, with_teacher, "with the teacher", STUDENT)
    _add_seeds(figure, ratios, [size.distilled for size in sizes], STUDENT)
    _add_means(figure, ratios, without, "without a teacher, true labels only", HARD.colour)
    _add_seeds(figure, ratios, [size.no_teacher for size in sizes], HARD.colour)
    if excluded := too_small(sizes, loss):
        _add_excluded(figure, left, excluded[-1].ratio * BESIDE)
    return figure.update_layout(
        xaxis={
            "title": SIZE_AXIS,
            "type": "log",
            "range": [math.log10(left), math.log10(BESIDE)],
            "tickvals": ratios,
            "ticktext": [percent(ratio) for ratio in ratios],
            "tickangle": 0,
            "fixedrange": True,
        },
        yaxis={"title": "test accuracy", "tickformat": ".0%", "fixedrange": True},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )


def _add_means(figure: go.Figure, x: Sequence[float], means: Sequence[SeedMean], name: str, colour: str) -> None:
    """Add a line of means over seeds, each with its interval."""
    halves = [each.half or 0.0 for each in means]
    figure.add_scatter(
        x=x, y=[each.mean for each in means], name=name, mode="lines+markers",
        error_y={"type": "data", "array": halves, "thickness": 1.2, "width": 4, "color": colour},
        line={"color": colour, "width": 2}, marker={"size": 8}, hovertemplate="%{y:.1%}",
    )  # fmt: skip


def _add_seeds(figure: go.Figure, x: Sequence[float], seeds: Sequence[Sequence[float]], colour: str) -> None:
    """Add a dot for each seed."""
    figure.add_scatter(
        x=[ratio for ratio, each in zip(x, seeds, strict=True) for _ in each],
        y=[accuracy for each in seeds for accuracy in each],
        mode="markers", showlegend=False, hoverinfo="skip", marker={"color": faded(colour, 0.35), "size": 5},
    )  # fmt: skip


def _add_excluded(figure: go.Figure, left: float, right: float) -> None:
    """Shade the sizes that are too small."""
    figure.add_vrect(x0=left, x1=right, fillcolor=faded(GONE, 0.12), line_width=0, layer="below")
    figure.add_annotation(
        x=math.log10(right), y=0.02, yref="paper", text="too small ", xanchor="right", yanchor="bottom",
        showarrow=False, font={"color": MUTED},
    )  # fmt: skip


def teacher_gain(sizes: Sequence[SizeResult]) -> go.Figure:
    """Accuracy with the teacher minus accuracy without it, by size: means and 95 % intervals over seeds."""
    gains = [size.gain for size in sizes]
    halves = [100 * (gain.half or 0.0) for gain in gains]
    figure = go.Figure()
    figure.add_bar(
        x=[percent(size.ratio) for size in sizes], y=[100 * gain.mean for gain in gains], width=0.55,
        marker={"color": STUDENT}, error_y={"type": "data", "array": halves, "thickness": 1.2, "width": 4},
        hovertemplate="%{x} of the teacher: %{y:+.1f} points<extra></extra>",
    )  # fmt: skip
    return figure.update_layout(
        xaxis={"title": SIZE_AXIS, "type": "category", "fixedrange": True},
        yaxis={"title": "points added", "zeroline": True, "zerolinecolor": MUTED, "fixedrange": True},
        showlegend=False,
        margin={**MARGIN, "t": 12},
    )
