"""A run's curves against steps: each part of the loss, its share of the gradient, and accuracy on the validation split."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.config.training import PARTS, DistilConfig, Part
from labcore.results.record import GradientNorms, Readings, TrainStep, Validation
from labcore.views.palette import BORDER, PARTS_OF_LOSS, READINGS, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import from_to

SMOOTHING = 0.9  # of the line; the batches themselves are drawn faintly behind it
MAX_POINTS = 600  # of one line; a longer run is thinned evenly


def smoothed(values: Sequence[float], keep: float = SMOOTHING) -> list[float]:
    """Exponential moving average without the bias of its start (Kingma and Ba, 2015, section 3)."""
    average, smooth = 0.0, []
    for i, value in enumerate(values, start=1):
        average = keep * average + (1 - keep) * value
        smooth.append(average / (1 - keep**i))
    return smooth


def thinned(steps: Sequence[TrainStep], most: int = MAX_POINTS) -> list[int]:
    """Indices of at most about `most` steps, evenly spread, the last among them."""
    stride = max(1, -(-len(steps) // most))
    return sorted({*range(0, len(steps), stride), len(steps) - 1} if steps else set())


def losses(steps: Sequence[TrainStep], config: DistilConfig, *, weighted: bool) -> go.Figure:
    """Total loss and its parts; `weighted` multiplies each by its weight at that step, so that they sum to the total."""
    figure = go.Figure()
    shown = thinned(steps)
    for name, colour in (*((part, PARTS_OF_LOSS[part]) for part in _drawn(config)), ("total", TEXT)):
        raw = {i: value for i, step in enumerate(steps) if (value := getattr(step, name)) is not None}
        weigh = weighted and name != "total"
        values = {i: value * (config.at(steps[i].share)[name] if weigh else 1.0) for i, value in raw.items()}
        smooth = dict(zip(values, smoothed(list(values.values())), strict=True))
        kept = [i for i in shown if i in values]
        x = [steps[i].step for i in kept]
        faint = {"color": faded(colour, 0.22) if colour != TEXT else BORDER, "width": 1}
        figure.add_scatter(
            x=x, y=[values[i] for i in kept], name=f"{name}, batch", mode="lines", line=faint,
            legendgroup=name, showlegend=False, hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=x, y=[smooth[i] for i in kept], name=f"{from_to(config, name)} × {name}" if weigh else name, mode="lines", legendgroup=name,
            line={"color": colour, "width": 2}, hovertemplate="%{y:.3f}",
        )  # fmt: skip
    figure.update_layout(
        xaxis={"title": "step", "range": [0, steps[-1].steps] if steps else [0, 1]},
        yaxis={"title": "loss", "rangemode": "tozero"},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )
    return figure


def _drawn(config: DistilConfig) -> list[Part]:
    """The parts of the loss that a picture shows: those that count, and hard and soft always."""
    return [part for part in PARTS if part in ("hard", "soft", *config.parts)]


def gradient_shares(measured: Sequence[GradientNorms], config: DistilConfig, steps: int) -> go.Figure:
    """How much each part of the loss pulls at the student, as it was measured along the lesson of so many steps.

    A pull is the length of the part's gradient times its weight then; shares of them sum to 1.
    """
    figure = go.Figure()
    for part in config.parts:
        shares = [at.shares.get(part, 0.0) for at in measured]
        said = [(at.weights.get(part, 0.0), at.norms.get(part, 0.0)) for at in measured]
        figure.add_scatter(
            x=[at.step for at in measured], y=shares, name=part, mode="lines+markers", stackgroup="pull", customdata=said,
            line={"color": PARTS_OF_LOSS[part], "width": 1.5}, marker={"size": 5}, fillcolor=faded(PARTS_OF_LOSS[part], 0.45),
            hovertemplate="%{y:.0%}: weight %{customdata[0]:.3g} × gradient %{customdata[1]:.3g}",
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
    """The weights of the loss over the lesson."""
    shares = [i / 40 for i in range(41)]
    figure = go.Figure()
    for part in config.parts:
        figure.add_scatter(
            x=shares, y=[config.at(share)[part] for share in shares], name=part, mode="lines",
            line={"color": PARTS_OF_LOSS[part], "width": 2}, hovertemplate="%{y:.3g}",
        )  # fmt: skip
    figure.update_layout(
        xaxis={
            "title": "of the lesson",
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
    """The student's validation accuracy and its agreement with the teacher, against the teacher's accuracy."""
    x = [point.step for point in validations]
    figure = go.Figure()
    if validations:
        teacher = validations[0].teacher_accuracy
        figure.add_scatter(
            x=[0, steps], y=[teacher, teacher], name="teacher", mode="lines",
            line={"color": TEACHER, "width": 2, "dash": "dash"}, hovertemplate="%{y:.1%}",
        )  # fmt: skip
    figure.add_scatter(
        x=x, y=[point.agreement for point in validations], name="agreement", mode="lines",
        line={"color": STUDENT, "width": 2, "dash": "dot"}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=[point.accuracy for point in validations], name="student", mode="lines+markers",
        line={"color": STUDENT, "width": 2}, marker={"size": 6}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    return _shares_against_steps(figure, steps, (0.4, 1.0))


def readings(looks: Sequence[Readings], steps: int) -> go.Figure:
    """The student's accuracy in each reading of the same texts, the teacher's beside it as dashes; and their agreement.

    Agreement is drawn for the reading in which the teacher is right least, where to agree is to be wrong with it.
    """
    figure = go.Figure()
    if not looks:
        return figure
    x, teacher = [look.step for look in looks], looks[0].teacher
    misled = min(teacher, key=teacher.__getitem__)
    for name, colour in zip(teacher, READINGS, strict=False):
        figure.add_scatter(
            x=[0, steps], y=[teacher[name]] * 2, name=f"teacher, {name}", mode="lines", showlegend=False,
            line={"color": faded(colour, 0.6), "width": 1.5, "dash": "dash"}, hovertemplate="%{y:.0%}",
        )  # fmt: skip
        figure.add_scatter(
            x=x, y=[look.accuracy[name] for look in looks], name=name, mode="lines+markers",
            line={"color": colour, "width": 2}, marker={"size": 6}, hovertemplate="%{y:.0%}",
        )  # fmt: skip
    figure.add_scatter(
        x=x, y=[look.agreement[misled] for look in looks], name=f"agreement, {misled}", mode="lines",
        line={"color": STUDENT, "width": 2, "dash": "dot"}, hovertemplate="%{y:.0%}",
    )  # fmt: skip
    return _shares_against_steps(figure, steps, (0, 1.02))


def _shares_against_steps(figure: go.Figure, steps: int, shown: tuple[float, float]) -> go.Figure:
    """The figure with the axes that shares of validation sentences have along a lesson."""
    return figure.update_layout(
        xaxis={"title": "step", "range": [0, steps]},
        yaxis={"title": "share of validation sentences", "tickformat": ".0%", "range": shown},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )


LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"}
MARGIN = {"l": 56, "r": 12, "t": 36, "b": 44}
