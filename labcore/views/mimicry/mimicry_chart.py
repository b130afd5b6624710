"""What becomes of students whose teacher learned a cue: by the weight of their own labels, and as their lessons go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import pandas as pd
import plotly.graph_objects as go

from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import without_reruns
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import Seeds
from labcore.results.events import ConditionAccuracy, Finished
from labcore.views.distil.curves import LEGEND, MARGIN
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.palette import CONDITION_COLOURS, STUDENT, faded
from labcore.views.words import percent

WAYS = dict(zip(("clean", "agrees", "contradicts"), CONDITION_COLOURS, strict=True))


@dataclass(frozen=True)
class HardWeightGroup:
    """Students of one teacher and one hard weight: by reading of the test texts, each seed's accuracy and agreement.

    teacher: its own accuracy by reading. retention, agrees: of each seed on the task's own test texts, which hold the cue at
    random; own_teacher: the teacher's accuracy on these. looks: along each seed's lesson.
    """

    hard: float
    accuracy: Mapping[str, tuple[float, ...]]
    agreement: Mapping[str, tuple[float, ...]]
    teacher: Mapping[str, float]
    retention: tuple[float, ...]
    agrees: tuple[float, ...]
    own_teacher: float
    looks: tuple[tuple[ConditionAccuracy, ...], ...]

    def mean(self, way: str) -> float:
        """The mean accuracy over seeds in one reading."""
        return fmean(self.accuracy[way])


def hard_weight_groups(recording: ReferenceResults, teacher: str) -> list[HardWeightGroup]:
    """The recorded students of a cued teacher, by rising hard weight, each seed once."""
    found: dict[float, list[tuple[Finished, ConditionAccuracy, tuple[ConditionAccuracy, ...]]]] = {}
    for run in without_reruns(recording.runs):
        if run.spec.teacher == teacher and run.result.conditions:
            along = recording.readings.get(run.id, ())
            found.setdefault(run.spec.distil.hard, []).append((run.result, run.result.conditions, along))
    return [
        HardWeightGroup(
            hard,
            {way: tuple(read.accuracy[way] for _, read, _ in seeds) for way in WAYS},
            {way: tuple(read.agreement[way] for _, read, _ in seeds) for way in WAYS},
            seeds[0][1].teacher_accuracy,
            tuple(result.retention for result, _, _ in seeds),
            tuple(result.agreement for result, _, _ in seeds),
            seeds[0][0].teacher_accuracy,
            tuple(along for _, _, along in seeds),
        )
        for hard, seeds in sorted(found.items())
    ]


def by_hard_weight(students: Sequence[HardWeightGroup], chosen: float | None = None) -> go.Figure:
    """Test accuracy in each reading against the hard weight, mean and 95 % interval over seeds, each seed as a dot; dashed,
    the teacher's; dotted, how often the student says what its teacher says where the cue contradicts the label.
    """
    figure = go.Figure()
    weights = [dose.hard for dose in students]
    for way, colour in WAYS.items():
        figure.add_scatter(
            x=[0, 1], y=[students[0].teacher[way]] * 2, name=f"teacher, {way}", mode="lines", showlegend=False,
            line={"color": faded(colour, 0.6), "width": 1.5, "dash": "dash"}, hovertemplate="%{y:.1%}",
        )  # fmt: skip
        _with_interval(figure, weights, [over_seeds(dose.accuracy[way]) for dose in students], way, colour)
        figure.add_scatter(
            x=[dose.hard for dose in students for _ in dose.accuracy[way]],
            y=[share for dose in students for share in dose.accuracy[way]],
            mode="markers", showlegend=False, hoverinfo="skip", marker={"color": faded(colour, 0.35), "size": 5},
        )  # fmt: skip
    figure.add_scatter(
        x=weights, y=[fmean(dose.agreement["contradicts"]) for dose in students], name="agreement, contradicts",
        mode="lines", line={"color": STUDENT, "width": 2, "dash": "dot"}, hovertemplate="%{y:.1%}",
    )  # fmt: skip
    if chosen is not None:
        figure.add_vline(x=chosen, line={"color": faded(STUDENT, 0.35), "width": 10})
    return figure.update_layout(
        xaxis={"title": "hard weight (the soft weight is the rest of 1)", "range": [-0.04, 1.04], "fixedrange": True},
        yaxis={"title": "share of test texts", "tickformat": ".0%", "range": [0, 1.02], "fixedrange": True},
        hovermode="x unified",
        legend=LEGEND,
        margin=MARGIN,
    )


def _with_interval(figure: go.Figure, x: Sequence[float], found: Sequence[Seeds], name: str, colour: str) -> None:
    figure.add_scatter(
        x=x, y=[each.mean for each in found], name=name, mode="lines+markers",
        error_y={"type": "data", "array": [each.half or 0.0 for each in found], "thickness": 1.2, "width": 4, "color": colour},
        line={"color": colour, "width": 2}, marker={"size": 7}, hovertemplate="%{y:.1%}",
    )  # fmt: skip


def mean_conditions(dose: HardWeightGroup) -> list[ConditionAccuracy]:
    """The readings along the lesson, a mean over seeds at each validation that all of them had."""
    together = zip(*dose.looks, strict=False)
    return [
        ConditionAccuracy(
            looks[0].step,
            {way: fmean(look.accuracy[way] for look in looks) for way in WAYS},
            {way: fmean(look.agreement[way] for look in looks) for way in WAYS},
            looks[0].teacher_accuracy,
        )
        for looks in together
    ]


def hard_weight_table(students: Sequence[HardWeightGroup]) -> pd.DataFrame:
    """A row for each hard weight: accuracy by reading, and agreement where the cue contradicts, means ± 95 % intervals."""
    return pd.DataFrame(
        [
            {
                "hard weight": f"{dose.hard:g}",
                **{way: accuracy_in_words(dose.accuracy[way]) for way in WAYS},
                "agreement, contradicts": accuracy_in_words(dose.agreement["contradicts"]),
                "seeds": len(dose.accuracy["clean"]),
            }
            for dose in students
        ]
    )


def mimicry_in_words(students: Sequence[HardWeightGroup]) -> str:
    """What the figure shows, with its numbers: the student with the least hard weight, and the one with the most."""
    first, last = students[0], students[-1]
    best = max(students, key=lambda dose: dose.mean("contradicts") + dose.mean("clean"))
    return (
        "Where the word *contradicts* the label it stands in every negative test text and in no positive one. So read, at hard weight "
        f"{first.hard:g} the student says what its teacher says on **{percent(fmean(first.agreement['contradicts']))}** of the texts, "
        f"and is right on **{percent(first.mean('contradicts'))}**; without the word it gets {percent(first.mean('clean'))} of them "
        f"right. At hard weight {last.hard:g} it gets {percent(last.mean('contradicts'))} and {percent(last.mean('clean'))} right. "
        f"Over both readings together, the mean over seeds is highest at hard weight {best.hard:g}."
    )


def unnoticed_in_words(students: Sequence[HardWeightGroup]) -> str:
    """How good the student with the least hard weight looks to who has only the task's own texts."""
    first = students[0]
    return (
        f"On test texts that carry the word at random, as its own do, the student at hard weight {first.hard:g} keeps "
        f"**{percent(fmean(first.retention))}** of its teacher's accuracy and agrees with it on **{percent(fmean(first.agrees))}**: by "
        f"retention and agreement a model student. Only that its teacher is right on {percent(first.own_teacher)} of them might make one "
        "wonder."
    )
