"""Hard-weight groups on the page: which teacher, which hard weight, and the two figures."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.data.tasks import recipes
from labcore.evaluate.hard_weight_groups import HardWeightGroup
from labcore.evaluate.reference import ReferenceResults
from labcore.views.distil.curves import condition_accuracies
from labcore.views.mimicry.mimicry_chart import by_hard_weight
from labcore.views.mimicry.mimicry_words import mimicry_in_words
from labcore.views.words import percent
from ui.shell.chart import chart

CHART = 320  # pixels: with its control in view on a small screen


def choose_teacher(reference: ReferenceResults) -> str:
    """Draw the choice of a teacher that learned the cue, and return its name."""
    cued = list(dict.fromkeys(run.spec.teacher for run in reference.runs if run.spec.task == "cued"))
    strength = {name: percent(recipes()[name][1].cue or 0.0) for name in cued}
    chosen: str = st.segmented_control(
        "Positive training examples with the word",
        cued,
        default=cued[0],
        required=True,
        key="mimicry-teacher",
        format_func=lambda name: f"{strength[name]} ({name})",
        help="The teachers differ in the fraction of their positive training examples that had the word. The negative "
        "ones had it in the rest: 5 % if the positive ones had it in 95 %.",
    )
    return chosen


def choose_group(groups: Sequence[HardWeightGroup]) -> HardWeightGroup:
    """Draw the choice of a hard weight, and return its group."""
    by_weight = {group.hard: group for group in groups}
    weights = list(by_weight)
    hard: float = st.select_slider(
        "Hard weight",
        weights,
        value=weights[0],
        key="mimicry-hard",
        format_func=lambda weight: f"{weight:g}",
        help="The weight of the true labels. The soft weight, that of the teacher's soft targets, is the rest of 1.",
    )
    return by_weight[hard]


def after_training(groups: Sequence[HardWeightGroup], chosen: HardWeightGroup) -> None:
    """Draw test accuracy against the hard weight."""
    st.header("After training")
    words = mimicry_in_words(groups).replace("*", "")
    chart(
        by_hard_weight(groups, chosen),
        key="hard-weights",
        height=CHART,
        alt="Test accuracy against the hard weight: on examples without the word, and with it if it agrees with the "
        f"label or contradicts it. {words}",
    )


def explain_after() -> None:
    """Draw what the marks of the chart after training mean."""
    st.caption(
        "The mean of each hard-weight group with its 95 % interval, each seed a dot. Dashed: the teacher. Dotted: the "
        "student's agreement with the teacher if the word contradicts the label."
    )


def during_training(chosen: HardWeightGroup) -> None:
    """Draw one group's validation accuracy against steps."""
    st.header(f"During training, at hard weight {chosen.hard:g}")
    conditions = chosen.mean_along()
    chart(
        condition_accuracies(conditions, conditions[-1].step if conditions else 1),
        key="hard-weights-along",
        height=CHART,
        alt=f"Validation accuracy during training at hard weight {chosen.hard:g}: without the word, and with it if "
        "it agrees with the label or contradicts it; and agreement with the teacher.",
    )


def explain_during() -> None:
    """Draw whose accuracy the chart during training has."""
    st.caption(
        "Validation examples, a mean over seeds. All students begin equal: initialised from their teacher, which has "
        "learned the word."
    )
