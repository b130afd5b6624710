"""The capacity gap on the page: the acceptable loss, the two figures, and a size to run yourself."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.evaluate.capacity_gap import SizeResult
from labcore.views.capacity.capacity_chart import capacity_gap, teacher_gain
from labcore.views.capacity.capacity_words import capacity_table, gain_in_words, smallest_in_words
from labcore.views.markdown import unbroken
from labcore.views.words import percent
from ui.shell.chart import chart
from ui.shell.reference_notes import run_yourself

ACCEPTABLE_POINTS = (1, 2, 3, 4, 5, 7, 10)  # points of accuracy
CHART = 320  # pixels: with its slider in view on a small screen


def accuracy_by_size(sizes: Sequence[SizeResult]) -> float:
    """Draw test accuracy against size, and below it the acceptable loss, which is returned as a fraction."""
    st.header("How small can it be?")
    figure = st.container()
    loss = _choose_loss()
    words = smallest_in_words(sizes, loss).replace("*", "")
    with figure:
        chart(
            capacity_gap(sizes, loss),
            key="capacity",
            height=CHART,
            alt=f"Test accuracy against size with and without the teacher. {words}",
        )
    st.caption(
        "Means over seeds with 95 % intervals, each seed a dot; sizes on a logarithmic scale. Blue band: within the "
        "acceptable loss. Grey: significantly too small for it."
    )
    return loss


def _choose_loss() -> float:
    """Draw the choice of an acceptable loss of accuracy, and return it as a fraction."""
    points: int = st.select_slider(
        "Acceptable loss of accuracy, in points",
        ACCEPTABLE_POINTS,
        value=3,
        key="capacity-distance",
        format_func=lambda points: f"{points} point{'s' if points > 1 else ''}",
        help="Points of test accuracy below the teacher. What you can accept depends on what the student is for.",
    )
    return points / 100


def gain_by_size(sizes: Sequence[SizeResult]) -> None:
    """Draw what the teacher adds at each size."""
    st.header("What the teacher adds")
    gains = ", ".join(f"{percent(size.ratio)}: {100 * size.gain.mean:+.1f}" for size in sizes)
    chart(
        teacher_gain(sizes),
        key="adds",
        height=CHART,
        alt=f"Points of accuracy that the teacher adds at each size: {gains}",
    )
    words = f"Accuracy with the teacher minus accuracy without it, at equal steps, by seed. {gain_in_words(sizes)}"
    st.caption(unbroken(words))


def run_a_size(sizes: Sequence[SizeResult]) -> None:
    """Draw the choice of a size, and a button that runs its student here."""
    chosen = st.select_slider(
        "A size to run yourself",
        sizes,
        value=sizes[2],
        key="capacity-size",
        format_func=lambda size: percent(size.ratio),
    )
    run_yourself(chosen.spec, f"Run it yourself: {percent(chosen.ratio)} of the teacher")
    st.caption(
        "Its no-teacher baseline, the same student without a teacher, is one click on the *Distil* page after the run "
        "has finished."
    )


def sizes_table(sizes: Sequence[SizeResult], loss: float) -> None:
    """Draw the figures as a table."""
    with st.expander("The figures as a table", icon=":material/table:"):
        st.dataframe(capacity_table(sizes, loss), hide_index=True)
        st.caption(
            f"*Within {100 * loss:g} points* is the probability of that over other seeds and other test examples. The "
            "gap is taken as normal. Its variance is that of a mean over seeds, plus that of the examples on which "
            "only one of the two is right. One seed's spread is pooled over all sizes."
        )
