"""Which label of a brought teacher is which label of the task: proposed by name or by fit, shown, and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from labcore.data.tasks import load_task
from labcore.views.evaluate.evaluation_charts import confusion_map
from labcore.views.palette import TEACHER
from labcore.views.words import percent
from ui.shell.chart import chart
from ui.shell.guard import escaped

if TYPE_CHECKING:
    from labcore.runs.bring_teacher import Examination

ASKED = 12  # classes up to which each label has a control of its own


def match_form(examination: Examination) -> tuple[int, ...]:
    """Draw the match and what it gives; for each label of the task the teacher's row."""
    names, given, sizes = load_task(examination.task).label_names, examination.given, examination.sizes
    st.markdown(
        f"**{sizes.layers} layers × {sizes.hidden}**, {sizes.vocabulary:,} tokens in its vocabulary, "
        f"{sizes.labels} classes."
    )
    if examination.by_name is None:
        st.info(
            "The names of its labels do not show which is which. Proposed is the match that fits "
            f"{examination.measured.examples} validation examples best. Check it.",
            icon=":material/help:",
        )
    elif not examination.settled:
        st.warning(
            f"By name its labels match in one way, but another match is right far more often "
            f"({percent(examination.accuracy(examination.by_fit), 1)} instead of "
            f"{percent(examination.accuracy(examination.by_name), 1)}). Its label names may be swapped. Check it.",
            icon=":material/swap_horiz:",
        )
    proposed = examination.proposed if examination.settled or examination.by_name is None else examination.by_fit
    order = _ask(names, given, proposed) if len(names) <= ASKED else proposed
    if len(set(order)) < len(order):
        st.error("Two labels of the task have the same label of the teacher. Choose each one once.")
        return order
    accuracy, majority = examination.accuracy(order), examination.measured.majority
    st.markdown(
        f"With this match it is right for **{percent(accuracy, 1)}** of {examination.measured.examples} validation "
        f"examples; always predicting the most frequent class, for {percent(majority, 1)}. "
        f"{percent(examination.measured.unknown, 1)} of the tokens are unknown ([UNK]) to its tokenizer."
    )
    matrix = [[row[column] for column in order] for row in examination.measured.matrix]
    with st.expander("Confusion matrix", icon=":material/grid_on:", expanded=examination.by_name is None):
        chart(
            confusion_map(matrix, names, TEACHER),
            key="bring-matrix",
            height=120 + 46 * len(names),
            alt="Predictions of the brought teacher for each true label: "
            + "; ".join(
                f"{name}: {row[i]} of {sum(row)} right" for i, (name, row) in enumerate(zip(names, matrix, strict=True))
            ),
        )
    return order


def _ask(names: tuple[str, ...], given: tuple[str, ...], proposed: tuple[int, ...]) -> tuple[int, ...]:
    """A control for each label of the task."""
    rows = list(range(len(given)))
    with st.container(horizontal=True, key="bring-match"):
        return tuple(
            st.selectbox(
                f"“{escaped(name)}” is its",
                rows,
                proposed[i],
                key=f"bring-label-{i}",
                format_func=lambda row: given[row],
            )
            for i, name in enumerate(names)
        )
