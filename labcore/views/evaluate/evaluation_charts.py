"""Pictures of an evaluation: error overlap, confusion matrices, calibration, and the probabilities of one example."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.results.evaluation import ConfidenceCalibration, ErrorOverlap
from labcore.views.chart_text import categories, category_axis
from labcore.views.distil.curves import LEGEND
from labcore.views.palette import FILL, GONE, MUTED, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import percent

FRACTIONS = {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%", "fixedrange": True}
MANY, LABELLED = 8, 40  # labels: above the first, cells have no numbers; above the second, rows have no names
NAMES = {"ticks": "", "ticklabelstandoff": 6}

# Blue predictions are the teacher's, orange ones the student's own; full colours are right, faint ones wrong.
_OVERLAP: tuple[tuple[str, str, str], ...] = (
    ("kept", "kept right", faded(TEACHER, FILL)),
    ("corrected", "corrected", faded(STUDENT, FILL)),
    ("new", "newly wrong", faded(STUDENT, 0.3)),
    ("inherited", "inherited mistake", faded(TEACHER, 0.3)),
    ("other", "another mistake", faded(GONE, 0.4)),
)


def error_overlap_chart(overlap: ErrorOverlap, accuracy: float) -> go.Figure:
    """The student's predictions where the teacher is right and where it is wrong: each bar 100 %, right before wrong.

    A dashed line is at the student's `accuracy`: both bars would turn from right to wrong there if its mistakes were
    independent of the teacher's.
    """
    right, wrong = overlap.kept + overlap.new, overlap.corrected + overlap.inherited + overlap.other
    rows = {
        f"teacher wrong<br>{wrong:,}": (wrong, ("corrected", "inherited", "other")),
        f"teacher right<br>{right:,}": (right, ("kept", "new")),
    }
    figure = go.Figure()
    for field, name, colour in _OVERLAP:
        count: int = getattr(overlap, field)
        if field == "other" and not count:
            continue
        [(row, total)] = [(row, total or 1) for row, (total, fields) in rows.items() if field in fields]
        fraction = count / total
        figure.add_bar(
            x=[fraction], y=[row], orientation="h", name=name, marker={"color": colour},
            text=[f"{name}<br>{count:,} · {percent(fraction)}"],
            textposition="inside", insidetextanchor="middle", textangle=0, textfont={"color": TEXT},
            hovertemplate=f"{name}: {count:,} of {total:,} ({percent(fraction, 1)})<extra></extra>",
        )  # fmt: skip
    figure.add_vline(accuracy, line={"color": TEXT, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=accuracy, y=1, yref="paper", yanchor="bottom", xanchor="right", showarrow=False,
        text=f"if its mistakes were its own: {percent(accuracy, 1)} right", font={"color": MUTED, "size": 12},
    )  # fmt: skip
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        uniformtext={"mode": "hide", "minsize": 11},  # if a bar is too narrow, the legend has its name
        xaxis=FRACTIONS,
        yaxis={"fixedrange": True, "categoryorder": "array", "categoryarray": list(rows), **NAMES},
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "xanchor": "left", "traceorder": "normal"},
        margin={"l": 96, "r": 28, "t": 28, "b": 64},
    )
    return figure


def confusion_map(matrix: Sequence[Sequence[int]], names: Sequence[str], colour: str) -> go.Figure:
    """A confusion matrix: a row for each true label, coloured by the fraction of it, with the counts.

    With more than MANY labels the cells have no room for counts, which the pointer shows.
    """
    fractions = [[count / max(1, sum(row)) for count in row] for row in matrix]
    many, labels = len(names) > MANY, categories(names)
    gap = 0 if many else 2
    figure = go.Figure(
        go.Heatmap(
            z=fractions, x=labels, y=labels, zmin=0, zmax=1, showscale=False, xgap=gap, ygap=gap,
            colorscale=[[0, faded(colour, 0.06)], [1, faded(colour, FILL)]],
            text=[
                [f"{count:,}<br>{percent(fraction)}" for count, fraction in zip(*pair, strict=True)]
                for pair in zip(matrix, fractions, strict=True)
            ],
            texttemplate="" if many else "%{text}", textfont={"color": TEXT},
            hovertemplate="true label %{y}, predicted %{x}: %{text}<extra></extra>",
        )
    )  # fmt: skip
    across = category_axis(names, 10 if many else 14)
    if len(names) > LABELLED:
        across |= {"showticklabels": False}
    figure.update_layout(
        xaxis={
            "title": "predicted label", "fixedrange": True, "side": "top", "showline": False, "ticks": "", **across,
            **({"tickangle": -90, "tickfont": {"size": 10}} if many else {}),
        },
        yaxis={
            "title": "true label", "fixedrange": True, "autorange": "reversed", "showgrid": False, **NAMES,
            **category_axis(names, 14), **({"tickfont": {"size": 10}} if many else {}),
            **({"showticklabels": False} if len(names) > LABELLED else {}),
        },
        margin={"t": 120 if LABELLED >= len(names) > MANY else 60, "b": 8},
    )  # fmt: skip
    return figure


def confusion_height(labels: int) -> int:
    """The pixels of a confusion matrix with this number of labels."""
    return 300 if labels <= MANY else 400 if labels > LABELLED else max(300, 140 + 13 * labels)


def reliability(student: ConfidenceCalibration, teacher: ConfidenceCalibration, classes: int) -> go.Figure:
    """A reliability diagram: accuracy against confidence, bin by bin. On the diagonal the two are equal.

    A point's area is its number of examples.
    """
    chance = 1 / classes  # no prediction has a lower confidence
    filled = [a for side in (student, teacher) for n, a in zip(side.examples, side.accuracy, strict=True) if n]
    lowest = min([chance, *filled])
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="perfect calibration", hoverinfo="skip",
        line={"color": MUTED, "width": 1, "dash": "dot"},
    )  # fmt: skip
    _add_bins(figure, teacher, "teacher", TEACHER)
    _add_bins(figure, student, "student", STUDENT)
    figure.update_layout(
        xaxis={"title": "mean confidence", "tickformat": ".0%", "range": [chance - 0.02, 1.03], "fixedrange": True},
        yaxis={"title": "accuracy", "tickformat": ".0%", "range": [lowest - 0.05, 1.05], "fixedrange": True},
        legend=LEGEND,
        margin={"t": 36},
    )
    return figure


def _add_bins(figure: go.Figure, calibration: ConfidenceCalibration, name: str, colour: str) -> None:
    """Add the bins that hold examples."""
    bins = [i for i, examples in enumerate(calibration.examples) if examples]
    fullest = max(calibration.examples)
    sizes = [5 + 15 * (calibration.examples[i] / fullest) ** 0.5 for i in bins]
    figure.add_scatter(
        x=[calibration.confidence[i] for i in bins], y=[calibration.accuracy[i] for i in bins], name=name,
        mode="lines+markers", line={"color": colour, "width": 1.5},
        marker={"color": colour, "line": {"width": 0}, "size": sizes},
        customdata=[calibration.examples[i] for i in bins],
        hovertemplate=f"{name}: %{{customdata:,}} examples<br>confidence %{{x:.0%}}, accuracy "
        f"%{{y:.0%}}<extra></extra>",
    )  # fmt: skip


def probabilities(student: Sequence[float], teacher: Sequence[float], names: Sequence[str]) -> go.Figure:
    """Two models' probabilities of each label, side by side."""
    figure = go.Figure()
    for name, values, colour in (("teacher", teacher, TEACHER), ("student", student, STUDENT)):
        figure.add_bar(
            x=list(values), y=categories(names), orientation="h", name=name, marker={"color": faded(colour, FILL)},
            textfont={"color": TEXT}, text=[percent(value, 1) for value in values], textposition="auto",
            hovertemplate=f"{name}: %{{x:.1%}} %{{y}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="group",
        xaxis=FRACTIONS,
        yaxis={"fixedrange": True, "autorange": "reversed", **NAMES, **category_axis(names)},
        legend=LEGEND,
        margin={"r": 28, "t": 36},
    )
    return figure


def likely_labels(student: Sequence[float], teacher: Sequence[float], most: int = MANY) -> list[int]:
    """The labels to draw: all in their order, or of many those that one of the two finds likeliest, the best first."""
    labels = range(len(student))
    if len(labels) <= most:
        return list(labels)
    return sorted(labels, key=lambda i: (-max(student[i], teacher[i]), i))[:most]
