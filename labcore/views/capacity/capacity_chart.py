"""The capacity gap: students of rising size with and without their teacher, and the smallest that still can learn it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

import pandas as pd
import plotly.graph_objects as go

from labcore.config.loss_terms import HARD
from labcore.evaluate.baselines import is_baseline
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import seed_groups
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import ErrorOverlap
from labcore.results.run import FinishedRun
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.evaluate.seed_table import accuracy_in_words, points_in_words
from labcore.views.palette import GONE, MUTED, STUDENT, TEACHER, faded
from labcore.views.words import millions, percent, student_in_words

SURE = 0.95


@dataclass(frozen=True)
class Capacity:
    """A student's design, its size over the teacher's, its lesson's steps, and each seed's test accuracy with and without the teacher.

    gap_variance: how far the gap to the teacher varies by the chance of which sentences are in the test split.
    """

    name: str
    parameters: int
    ratio: float
    steps: int
    teacher: float
    taught: tuple[float, ...]
    alone: tuple[float, ...]
    gap_variance: float

    @property
    def gap(self) -> float:
        """The accuracy that the taught student lacks, a mean over seeds."""
        return self.teacher - fmean(self.taught)

    @property
    def added(self) -> tuple[float, ...]:
        """What the teacher adds, seed by seed."""
        return tuple(taught - alone for taught, alone in zip(self.taught, self.alone, strict=True))


def capacities(recording: ReferenceResults) -> list[Capacity]:
    """The recorded sizes, the smallest first."""
    taught = [run for run in recording.runs if not is_baseline(run.spec)]
    designs = {run.spec.steps: seed_groups(run.spec, taught).finished for run in taught}
    return sorted((_capacity(runs, recording.runs) for runs in designs.values()), key=lambda each: each.ratio)


def _capacity(seeds: Sequence[FinishedRun], every: Sequence[FinishedRun]) -> Capacity:
    first = seeds[0]
    alone = [run for run in every if is_baseline(run.spec) and run.spec.steps == first.spec.steps]
    judged = [run.result.evaluation for run in seeds if run.result.evaluation]
    return Capacity(
        student_in_words(first.spec),
        first.counts.student.total,
        first.counts.ratio,
        first.spec.distil.steps or 0,
        first.result.teacher_accuracy,
        tuple(run.result.accuracy for run in seeds),
        tuple(run.result.accuracy for run in seed_groups(alone[0].spec, alone).finished),
        fmean(gap_variance(each.error_overlap) for each in judged),
    )


def gap_variance(fates: ErrorOverlap) -> float:
    """The variance of the accuracy that a student lacks, over test splits of this size: a mean of paired differences.

    A sentence counts 1 where only the teacher is right, −1 where only the student is, else 0.
    """
    n = fates.kept + fates.new + fates.corrected + fates.inherited + fates.other
    return ((fates.new + fates.corrected) / n - ((fates.new - fates.corrected) / n) ** 2) / n


def within(sizes: Sequence[Capacity], distance: float) -> list[float]:
    """For each size the probability that the student is at most `distance` of accuracy below its teacher.

    The gap is taken as normal. Its variance is that of the mean over seeds, with one standard deviation of a seed pooled
    over all sizes, plus that of the sentences.
    """
    pooled = fmean(variance(size.taught) if len(size.taught) > 1 else 0.0 for size in sizes)
    return [
        NormalDist(size.gap, math.sqrt(pooled / len(size.taught) + size.gap_variance)).cdf(distance) for size in sizes
    ]


def smallest(chances: Sequence[float]) -> list[float]:
    """For each size the probability that it is the smallest within the distance: it is, and none before it.

    Sizes are taken as independent, which makes the answer look less sure than it is: they share their sentences.
    """
    found, none_before = [], 1.0
    for chance in chances:
        found.append(none_before * chance)
        none_before *= 1 - chance
    return found


def smallest_in_words(sizes: Sequence[Capacity], distance: float) -> str:
    """The smallest student within a distance of its teacher, and how sure that is."""
    chances = smallest(within(sizes, distance))
    best = max(range(len(sizes)), key=chances.__getitem__)
    points = f"{100 * distance:g} point{'' if math.isclose(distance, 0.01) else 's'}"
    if max(chances) < 1 - sum(chances):
        return f"Of these sizes **none is within {points}** of its teacher ({percent(1 - sum(chances))} sure)."
    also = [i for i, chance in enumerate(chances) if chance > (1 - SURE) and i != best]
    others = " or ".join(f"{percent(sizes[i].ratio)} ({percent(chances[i])})" for i in also)
    rest = f" It may also be that of {others}." if others else ""
    return (
        f"The smallest student within {points} of its teacher has **{percent(sizes[best].ratio)} of its size** "
        f"({millions(sizes[best].parameters)} parameters; {percent(chances[best])} sure).{rest}{_larger(sizes, best)}"
    )


def _larger(sizes: Sequence[Capacity], best: int) -> str:
    """What the largest student has over the smallest that will do."""
    if best == len(sizes) - 1:
        return ""
    largest, gained = sizes[-1], sizes[best].gap - sizes[-1].gap
    return (
        f" The largest here saves only {percent(1 - largest.ratio)} of the teacher's size, at {100 * gained:+.1f} points "
        "against that one."
    )


def added_in_words(sizes: Sequence[Capacity]) -> str:
    """At how many of the sizes the teacher surely adds something, over these seeds."""
    found = [over_seeds(size.added) for size in sizes]
    sure = [size for size, each in zip(sizes, found, strict=True) if each.half is not None and each.mean > each.half]
    both = "Both students begin cut out of the teacher, so the one alone has much of it, too."
    if not sure:
        return f"Over these seeds **it can't be told from nothing** at any size. {both}"
    which = ", ".join(percent(size.ratio) for size in sure)
    return f"Over these seeds it can be told from nothing **at {len(sure)} of {len(sizes)} sizes** ({which}). {both}"


def capacity_gap(sizes: Sequence[Capacity], distance: float) -> go.Figure:
    """Test accuracy against size, with and without the teacher, means and 95 % intervals over seeds; the band is the distance.

    Left, shaded: sizes that surely can't learn it so well.
    """
    figure, teacher = go.Figure(), sizes[0].teacher
    x = [size.ratio for size in sizes]
    figure.add_hrect(y0=teacher - distance, y1=teacher, fillcolor=faded(TEACHER, 0.12), line_width=0, layer="below")
    figure.add_scatter(
        x=[x[0] / 1.25, 1], y=[teacher, teacher], name="teacher", mode="lines",
        line={"color": TEACHER, "width": 2, "dash": "dash"}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    for name, colour, seeds in (
        ("with the teacher", STUDENT, [size.taught for size in sizes]),
        ("alone, true labels only", HARD.colour, [size.alone for size in sizes]),
    ):
        found = [over_seeds(each) for each in seeds]
        figure.add_scatter(
            x=x, y=[each.mean for each in found], name=name, mode="lines+markers",
            error_y={"type": "data", "array": [each.half or 0.0 for each in found], "thickness": 1.2, "width": 4, "color": colour},
            line={"color": colour, "width": 2}, marker={"size": 8}, hovertemplate="%{y:.1%}",
        )  # fmt: skip
        figure.add_scatter(
            x=[ratio for ratio, each in zip(x, seeds, strict=True) for _ in each],
            y=[accuracy for each in seeds for accuracy in each],
            mode="markers", showlegend=False, hoverinfo="skip", marker={"color": faded(colour, 0.35), "size": 5},
        )  # fmt: skip
    sure_not = [size.ratio for size, chance in zip(sizes, within(sizes, distance), strict=True) if chance < 1 - SURE]
    if sure_not:
        edge = sure_not[-1] * 1.15
        figure.add_vrect(x0=x[0] / 1.25, x1=edge, fillcolor=faded(GONE, 0.12), line_width=0, layer="below")
        figure.add_annotation(
            x=math.log10(edge), y=0.02, yref="paper", text="too small ", xanchor="right", yanchor="bottom", showarrow=False,
            font={"color": MUTED},
        )  # fmt: skip
    return figure.update_layout(
        xaxis={
            "title": "size: share of the teacher's parameters",
            "type": "log",
            "range": [math.log10(x[0] / 1.25), math.log10(1.15)],
            "tickvals": x,
            "ticktext": [percent(ratio) for ratio in x],
            "tickangle": 0,
            "fixedrange": True,
        },
        yaxis={"title": "test accuracy", "tickformat": ".0%", "fixedrange": True},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )


def what_it_adds(sizes: Sequence[Capacity]) -> go.Figure:
    """Accuracy with the teacher less accuracy without it, at equal steps, by size: means and 95 % intervals over seeds."""
    found = [over_seeds(size.added) for size in sizes]
    figure = go.Figure()
    figure.add_bar(
        x=[percent(size.ratio) for size in sizes], y=[100 * each.mean for each in found], marker={"color": STUDENT}, width=0.55,
        error_y={"type": "data", "array": [100 * (each.half or 0.0) for each in found], "thickness": 1.2, "width": 4},
        hovertemplate="%{x} of the teacher: %{y:+.1f} points<extra></extra>",
    )  # fmt: skip
    return figure.update_layout(
        xaxis={"title": "size: share of the teacher's parameters", "type": "category", "fixedrange": True},
        yaxis={"title": "points added", "zeroline": True, "zerolinecolor": MUTED, "fixedrange": True},
        showlegend=False,
        margin={**MARGIN, "t": 12},
    )


def capacity_table(sizes: Sequence[Capacity], distance: float | None = None) -> pd.DataFrame:
    """A row for each size: accuracy with and without the teacher, retention, what the teacher adds, all ± 95 % intervals."""
    rows = []
    for size, chance in zip(sizes, within(sizes, distance or 0.0), strict=True):
        row = {
            "size": percent(size.ratio, 1),
            "with the teacher": accuracy_in_words(size.taught),
            "alone": accuracy_in_words(size.alone),
            "retention": percent(fmean(size.taught) / size.teacher, 1),
            "the teacher adds": points_in_words(over_seeds(size.added)),
        }
        if distance is not None:
            row[f"within {100 * distance:g} points"] = percent(chance)
        rows.append(row | {"steps": f"{size.steps:,}", "seeds": len(size.taught), "student": size.name})
    return pd.DataFrame(rows)
