"""The curves of a run against steps: each loss term, its share of the gradient, and validation accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from labcore.config.loss_terms import LOSS_TERMS, LossTerm
from labcore.config.training import DistilConfig
from labcore.results.events import ConditionAccuracy, GradientNorms, TrainStep, Validation
from labcore.views.palette import BORDER, CONDITION_COLOURS, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import from_to

SMOOTHING = 0.9  # of a line; the losses of single batches are drawn faintly behind it
MAX_POINTS = 600  # of one line; a longer run is thinned evenly
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"}
MARGIN = {"l": 56, "r": 12, "t": 36, "b": 44}


def smoothed(values: Sequence[float], smoothing: float = SMOOTHING) -> list[float]:
    """Exponential moving average with bias correction at its start (Kingma and Ba, 2015, section 3)."""
    average: list[float] = pd.Series(values, dtype=float).ewm(alpha=1 - smoothing).mean().tolist()
    return average


def thinned(steps: Sequence[TrainStep], maximum: int = MAX_POINTS) -> list[int]:
    """Indices of at most about `maximum` steps, evenly spread, the last among them."""
    stride = max(1, -(-len(steps) // maximum))
    return sorted({*range(0, len(steps), stride), len(steps) - 1} if steps else set())


def losses(steps: Sequence[TrainStep], config: DistilConfig, *, weighted: bool) -> go.Figure:
    """Total loss and its terms; `weighted` multiplies each term by its weight then, so that they sum to the total."""
    figure = go.Figure()
    shown = thinned(steps)
    for term in _drawn(config):
        values = {i: step.losses[term.name] for i, step in enumerate(steps) if term.name in step.losses}
        name = term.name
        if weighted:
            values = {i: value * config.values_at(steps[i].progress)[term.name] for i, value in values.items()}
            name = f"{from_to(config, term.name)} × {term.name}"
        _add_loss(figure, steps, shown, values, group=term.name, name=name, colour=term.colour)
    totals = {i: step.total for i, step in enumerate(steps)}
    _add_loss(figure, steps, shown, totals, group="total", name="total", colour=TEXT)
    figure.update_layout(
        xaxis={"title": "step", "range": [0, steps[-1].steps] if steps else [0, 1]},
        yaxis={"title": "loss", "rangemode": "tozero"},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )
    return figure


def _drawn(config: DistilConfig) -> list[LossTerm]:
    """The terms that a picture shows: those with a weight, and the usual ones in any case."""
    return [term for term in LOSS_TERMS if term.on_by_default or term in config.terms]


def _add_loss(
    figure: go.Figure,
    steps: Sequence[TrainStep],
    shown: Sequence[int],
    values: dict[int, float],
    *,
    group: str,
    name: str,
    colour: str,
) -> None:
    """Add a smoothed line and, faintly behind it, the losses of single batches; `values` by index of the step."""
    smooth = dict(zip(values, smoothed(list(values.values())), strict=True))
    drawn = [i for i in shown if i in values]
    x = [steps[i].step for i in drawn]
    faint = {"color": faded(colour, 0.22) if colour != TEXT else BORDER, "width": 1}
    figure.add_scatter(
        x=x, y=[values[i] for i in drawn], name=f"{group}, batch", mode="lines", line=faint,
        legendgroup=group, showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=[smooth[i] for i in drawn], name=name, mode="lines", legendgroup=group,
        line={"color": colour, "width": 2}, hovertemplate="%{y:.3f}",
    )  # fmt: skip


def gradient_shares(measured: Sequence[GradientNorms], config: DistilConfig, steps: int) -> go.Figure:
    """Each loss term's share of the gradient, as measured in a training of `steps` steps.

    A share is the norm of the term's gradient times its weight then, of the sum over all terms.
    """
    figure = go.Figure()
    for term in config.terms:
        shares = [event.shares.get(term.name, 0.0) for event in measured]
        weights_and_norms = [(event.weights.get(term.name, 0.0), event.norms.get(term.name, 0.0)) for event in measured]
        figure.add_scatter(
            x=[event.step for event in measured], y=shares, name=term.name, mode="lines+markers", stackgroup="gradient",
            customdata=weights_and_norms, line={"color": term.colour, "width": 1.5}, marker={"size": 5},
            fillcolor=faded(term.colour, 0.45),
            hovertemplate="%{y:.0%}: weight %{customdata[0]:.3g} × gradient norm %{customdata[1]:.3g}",
        )  # fmt: skip
    figure.update_layout(
        xaxis={"title": "step", "range": [0, steps]},
        yaxis={"title": "share of the gradient", "tickformat": ".0%", "range": [0, 1]},
        hovermode="x unified",
        legend={**LEGEND, "traceorder": "normal"},
        margin=MARGIN,
    )
    return figure


def schedules(config: DistilConfig) -> go.Figure:
    """The loss weights against the progress of the training."""
    progress = [i / 40 for i in range(41)]
    figure = go.Figure()
    for term in config.terms:
        figure.add_scatter(
            x=progress, y=[config.values_at(each)[term.name] for each in progress], name=term.name, mode="lines",
            line={"color": term.colour, "width": 2}, hovertemplate="%{y:.3g}",
        )  # fmt: skip
    figure.update_layout(
        xaxis={
            "title": "progress of the training",
            "range": [0, 1],
            "tickvals": [0, 0.5, 1],
            "tickformat": ".0%",
            "fixedrange": True,
        },
        yaxis={"title": "weight", "rangemode": "tozero", "fixedrange": True},
        hovermode="x unified",
        showlegend=False,
        margin={**MARGIN, "t": 8, "r": 24},
    )
    return figure


def accuracies(validations: Sequence[Validation], steps: int) -> go.Figure:
    """The student's validation accuracy and its agreement with the teacher, with the teacher's accuracy beside them."""
    x = [event.step for event in validations]
    figure = go.Figure()
    if validations:
        teacher = validations[0].teacher_accuracy
        figure.add_scatter(
            x=[0, steps], y=[teacher, teacher], name="teacher", mode="lines",
            line={"color": TEACHER, "width": 2, "dash": "dash"}, hovertemplate="%{y:.1%}",
        )  # fmt: skip
    figure.add_scatter(
        x=x, y=[event.agreement for event in validations], name="agreement", mode="lines",
        line={"color": STUDENT, "width": 2, "dash": "dot"}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=[event.accuracy for event in validations], name="student", mode="lines+markers",
        line={"color": STUDENT, "width": 2}, marker={"size": 6}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    return _fractions_against_steps(figure, steps, (0.4, 1.0))


def condition_accuracies(measured: Sequence[ConditionAccuracy], steps: int) -> go.Figure:
    """The student's accuracy under each condition of the same examples, and the teacher's as dashes.

    Agreement is drawn for the condition under which the teacher is least accurate: to agree there is to err with it.
    """
    figure = go.Figure()
    if not measured:
        return figure
    x, teacher = [event.step for event in measured], measured[0].teacher_accuracy
    misled = min(teacher, key=teacher.__getitem__)
    for name, colour in zip(teacher, CONDITION_COLOURS, strict=False):
        figure.add_scatter(
            x=[0, steps], y=[teacher[name]] * 2, name=f"teacher, {name}", mode="lines", showlegend=False,
            line={"color": faded(colour, 0.6), "width": 1.5, "dash": "dash"}, hovertemplate="%{y:.0%}",
        )  # fmt: skip
        figure.add_scatter(
            x=x, y=[event.accuracy[name] for event in measured], name=name, mode="lines+markers",
            line={"color": colour, "width": 2}, marker={"size": 6}, hovertemplate="%{y:.0%}",
        )  # fmt: skip
    figure.add_scatter(
        x=x, y=[event.agreement[misled] for event in measured], name=f"agreement, {misled}", mode="lines",
        line={"color": STUDENT, "width": 2, "dash": "dot"}, hovertemplate="%{y:.0%}",
    )  # fmt: skip
    return _fractions_against_steps(figure, steps, (0, 1.02))


def _fractions_against_steps(figure: go.Figure, steps: int, shown: tuple[float, float]) -> go.Figure:
    """The figure with axes for fractions of the validation examples against steps."""
    return figure.update_layout(
        xaxis={"title": "step", "range": [0, steps]},
        yaxis={"title": "fraction of validation examples", "tickformat": ".0%", "range": shown},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )
