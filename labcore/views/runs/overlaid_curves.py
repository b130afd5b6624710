"""The curves of several runs in one figure: validation accuracy or total loss, against steps or examples."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from labcore.results.events import Event, TrainStep, Validation
from labcore.views.distil.curves import LEGEND, MARGIN, smoothed, thinned
from labcore.views.palette import COMPARED, TEACHER
from labcore.views.words import percent

DASHES = ("solid", "dash", "dot", "dashdot")  # beside the colour, for readers who see fewer of them
Measure = Literal["accuracy", "loss"]


@dataclass(frozen=True)
class NamedEvents:
    """A run's letter and name in the legend, and its events."""

    letter: str
    name: str
    events: Sequence[Event]

    @property
    def validations(self) -> list[Validation]:
        """The validations, in order."""
        return [event for event in self.events if isinstance(event, Validation)]

    @property
    def steps(self) -> list[TrainStep]:
        """The training steps, in order."""
        return [event for event in self.events if isinstance(event, TrainStep)]


def overlaid(runs: Sequence[NamedEvents], measure: Measure) -> go.Figure:
    """One curve for each run that has any, in the colour of its letter."""
    figure = go.Figure()
    for run, colour, dash in zip(runs, COMPARED, DASHES, strict=False):
        name = f"{run.letter} · {html.escape(run.name, quote=False)}"
        if measure == "accuracy":
            x, y = [each.step for each in run.validations], [each.accuracy for each in run.validations]
            hover, mode = "%{y:.1%}", "lines+markers"
        else:
            smooth = smoothed([step.total for step in run.steps])
            shown = thinned(run.steps)
            x, y = [run.steps[i].step for i in shown], [smooth[i] for i in shown]
            hover, mode = "%{y:.3f}", "lines"
        figure.add_scatter(
            x=x,
            y=y,
            name=name,
            mode=mode,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 6},
            hovertemplate=hover,
        )
    if measure == "accuracy":
        _add_teachers(figure, runs)
    axis = {"title": "validation accuracy", "tickformat": ".0%"} if measure == "accuracy" else {"title": "total loss"}
    return figure.update_layout(
        xaxis={"title": "step", "rangemode": "tozero"},
        yaxis=axis,
        hovermode="x unified",
        legend={**LEGEND, "entrywidthmode": "fraction", "entrywidth": 1},
        margin=MARGIN,
    )


def _add_teachers(figure: go.Figure, runs: Sequence[NamedEvents]) -> None:
    """A dashed line for each different accuracy that a teacher has."""
    for accuracy in sorted({each.teacher_accuracy for run in runs for each in run.validations[-1:]}):
        figure.add_hline(y=accuracy, line={"color": TEACHER, "dash": "dash", "width": 1})


def last_accuracies_in_words(runs: Sequence[NamedEvents]) -> str:
    """The last validation accuracy of each run, for a reader who does not see the figure."""
    return "; ".join(
        f"{run.letter}, {run.name}: " + (percent(run.validations[-1].accuracy, 1) if run.validations else "none")
        for run in runs
    )
