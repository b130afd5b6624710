"""Pictures of a judgement: whose mistakes the student makes, what is taken for what, and who is too sure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from labcore.data.tasks import Examples
from labcore.results.evaluation import Calibration, Difference, ErrorOverlap, Pair, TextPrediction
from labcore.views.distil.curves import LEGEND
from labcore.views.palette import FILL, GONE, MUTED, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import percent

SHARES = {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%", "fixedrange": True}
NAMES = {"ticks": "", "ticklabelstandoff": 6}

# Blue answers are the teacher's, orange ones the student's own; full colours are right, faint ones wrong.
_FATES: tuple[tuple[str, str, str], ...] = (
    ("kept", "kept right", faded(TEACHER, FILL)),
    ("corrected", "corrected", faded(STUDENT, FILL)),
    ("new", "newly wrong", faded(STUDENT, 0.3)),
    ("inherited", "inherited mistake", faded(TEACHER, 0.3)),
    ("other", "another mistake", faded(GONE, 0.4)),
)


def mistakes(fates: ErrorOverlap, accuracy: float) -> go.Figure:
    """What the student made of the teacher's right and wrong answers, each bar 100 %, right to the left of wrong.

    A dashed line is at the student's `accuracy`: both bars would turn from right to wrong there, if its mistakes had
    nothing to do with the teacher's.
    """
    right, wrong = fates.kept + fates.new, fates.corrected + fates.inherited + fates.other
    rows = {
        f"teacher wrong<br>{wrong:,}": ("corrected", "inherited", "other"),
        f"teacher right<br>{right:,}": ("kept", "new"),
    }
    whole = {name: (wrong or 1) if "wrong" in name else (right or 1) for name in rows}
    figure = go.Figure()
    for field, name, colour in _FATES:
        count: int = getattr(fates, field)
        if field == "other" and not count:
            continue
        [row] = [row for row, those in rows.items() if field in those]
        share = count / whole[row]
        figure.add_bar(
            x=[share], y=[row], orientation="h", name=name, marker={"color": colour},
            text=[f"{name}<br>{count:,} · {percent(share)}"],
            textposition="inside", insidetextanchor="middle", textangle=0, textfont={"color": TEXT},
            hovertemplate=f"{name}: {count:,} of {whole[row]:,} ({percent(share, 1)})<extra></extra>",
        )  # fmt: skip
    figure.add_vline(accuracy, line={"color": TEXT, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=accuracy, y=1, yref="paper", yanchor="bottom", xanchor="right", showarrow=False,
        text=f"if its mistakes were its own: {percent(accuracy, 1)} right", font={"color": MUTED, "size": 12},
    )  # fmt: skip
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        uniformtext={"mode": "hide", "minsize": 11},  # where a bar is too narrow the legend tells
        xaxis=SHARES,
        yaxis={"fixedrange": True, "categoryorder": "array", "categoryarray": list(rows), **NAMES},
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "xanchor": "left", "traceorder": "normal"},
        margin={"l": 96, "r": 28, "t": 28, "b": 64},
    )
    return figure


def confusion_map(matrix: Sequence[Sequence[int]], names: Sequence[str], colour: str) -> go.Figure:
    """A confusion matrix: a row for each true label, coloured by the share of it, with the counts."""
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=list(names), y=list(names), zmin=0, zmax=1, showscale=False, xgap=2, ygap=2,
            colorscale=[[0, faded(colour, 0.06)], [1, faded(colour, FILL)]],
            text=[
                [f"{count:,}<br>{percent(share)}" for count, share in zip(*pair, strict=True)]
                for pair in zip(matrix, shares, strict=True)
            ],
            texttemplate="%{text}", textfont={"color": TEXT},
            hovertemplate="truly %{y}, answered %{x}: %{text}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        xaxis={"title": "answered", "fixedrange": True, "side": "top", "showline": False, "ticks": ""},
        yaxis={"title": "truly", "fixedrange": True, "autorange": "reversed", "showgrid": False, **NAMES},
        margin={"t": 60, "b": 8},
    )
    return figure


def reliability(student: Calibration, teacher: Calibration, classes: int) -> go.Figure:
    """Accuracy against confidence, bin by bin; a point's area is its number of sentences. On the diagonal the two are equal."""
    least = 1 / classes  # no answer is less sure than that
    lowest = min(
        [least, *(a for found in (student, teacher) for n, a in zip(found.examples, found.accuracy, strict=True) if n)]
    )
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as sure as right", line={"color": MUTED, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )  # fmt: skip
    for name, found, colour in (("teacher", teacher, TEACHER), ("student", student, STUDENT)):
        bins = [i for i, sentences in enumerate(found.examples) if sentences]
        most = max(found.examples)
        figure.add_scatter(
            x=[found.confidence[i] for i in bins],
            y=[found.accuracy[i] for i in bins],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 1.5},
            marker={
                "color": colour,
                "line": {"width": 0},
                "size": [5 + 15 * (found.examples[i] / most) ** 0.5 for i in bins],
            },
            customdata=[found.examples[i] for i in bins],
            hovertemplate=f"{name}: %{{customdata:,}} sentences<br>%{{x:.0%}} sure, %{{y:.0%}} right<extra></extra>",
        )
    figure.update_layout(
        xaxis={"title": "mean confidence", "tickformat": ".0%", "range": [least - 0.02, 1.03], "fixedrange": True},
        yaxis={"title": "accuracy", "tickformat": ".0%", "range": [lowest - 0.05, 1.05], "fixedrange": True},
        legend=LEGEND,
        margin={"t": 36},
    )
    return figure


def probabilities(student: Sequence[float], teacher: Sequence[float], names: Sequence[str]) -> go.Figure:
    """Two models' probabilities of each label, side by side."""
    figure = go.Figure()
    for name, values, colour in (("teacher", teacher, TEACHER), ("student", student, STUDENT)):
        figure.add_bar(
            x=list(values), y=list(names), orientation="h", name=name, marker={"color": faded(colour, FILL)},
            textfont={"color": TEXT}, text=[percent(value, 1) for value in values], textposition="auto",
            hovertemplate=f"{name}: %{{x:.1%}} %{{y}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="group",
        xaxis=SHARES,
        yaxis={"fixedrange": True, "autorange": "reversed", **NAMES},
        legend=LEGEND,
        margin={"r": 28, "t": 36},
    )
    return figure


def differences_table(differences: Sequence[Difference], test: Examples, names: Sequence[str]) -> pd.DataFrame:
    """The sentences on which the two differ most: the true label, and each one's answer and probability of the truth."""
    rows = []
    for each in differences:
        truth = test.labels[each.index]
        rows.append(
            {
                "sentence": test.texts[each.index],
                "truly": names[truth],
                "teacher says": _answer(each.teacher, names),
                "student says": _answer(each.student, names),
                "teacher, of the truth": 100 * each.teacher[truth],
                "student, of the truth": 100 * each.student[truth],
                "apart": each.divergence,
            }
        )
    return pd.DataFrame(rows)


def _answer(values: Sequence[float], names: Sequence[str]) -> str:
    return names[max(range(len(values)), key=values.__getitem__)]


def pair_table(pair: Pair, first: str, second: str) -> pd.DataFrame:
    """Who is right: a row for each answer of the first, a column for each of the second."""
    return pd.DataFrame(
        {
            "": [f"{first} right", f"{first} wrong"],
            f"{second} right": [pair.both, pair.only_second],
            f"{second} wrong": [pair.only_first, pair.neither],
        }
    )


def pieces_in_words(reading: TextPrediction) -> str:
    """The word pieces that a model read, as text."""
    return " ".join(reading.tokens)
