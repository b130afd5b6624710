"""The exercise's third stage: the three beside their teacher, their training, the rule, and the blind prediction."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.exercise.attempt import ACCEPTABLE_LOSSES, SLOTS, Attempt
from labcore.exercise.student_comparisons import SlotComparison, counted_students
from labcore.views.design.towers import towers
from labcore.views.exercise.attempt_tables import capacity_table, rule_in_words
from labcore.views.grouped_numbers import grouped_numbers
from ui.exercise.attempts import bound_to_attempt, change, current
from ui.exercise.training import training_form
from ui.shell.chart import chart
from ui.shell.guard import callback


def predict_stage(attempt: Attempt, comparisons: Sequence[SlotComparison]) -> None:
    """The three beside their teacher, their training, the rule, and the prediction, which is final once runs begin."""
    if not attempt.can_run:
        st.info(
            f"`{attempt.teacher}` has no weights here, so counting is all that can be done with it, and you have done "
            "that. Continue with `reviews`, a smaller BERT with weights; your three designs stay if it allows them.",
            icon=":material/functions:",
        )
        st.button(
            "Continue with reviews",
            key="take-reviews",
            on_click=callback(lambda: change(lambda: current().with_teacher("reviews"))),
        )
        return
    counted = counted_students(comparisons)
    table = grouped_numbers(capacity_table(attempt, counted), ("your count", "parameters"))
    columns = {"of the teacher": st.column_config.NumberColumn(format="%.1f %%")}
    st.dataframe(table, hide_index=True, column_config=columns, key="capacity")
    students = dict(zip(SLOTS, (one.student for one in counted), strict=True))
    chart(
        towers(counted[0].teacher, students),
        key="exercise-towers",
        height=300,
        alt="The teacher and the three students as towers in which area is parameters.",
    )
    training_form(attempt)
    blind = attempt.begun is None
    bound_to_attempt(
        st.segmented_control,
        "within",
        attempt.acceptable_loss,
        lambda loss: current().with_acceptable_loss(loss),
        label="Acceptable loss of accuracy, in points",
        options=list(ACCEPTABLE_LOSSES),
        format_func=lambda distance: f"{100 * distance:g}",
        required=True,
        disabled=not blind,
    )
    st.markdown(rule_in_words(attempt))
    bound_to_attempt(
        st.segmented_control,
        "prediction",
        attempt.prediction,
        lambda slot: current().with_prediction(slot),
        label="Which will be the best trade-off?",
        options=list(range(len(SLOTS))),
        format_func=SLOTS.__getitem__,
        disabled=not blind,
    )
    if blind:
        st.caption(
            "You can change it until the first run begins. A wrong prediction costs nothing: you learn from surprises."
        )
    else:
        st.caption("The runs have begun, so it is final. Change a student or the training to predict again.")
