"""The exercise's third stage: the three beside their teacher, their lesson, the rule, and the prediction that is made blind."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.exercise.attempt import DISTANCES, SLOTS, Attempt
from labcore.results.counts import Comparison
from labcore.views.design.towers import towers
from labcore.views.exercise.attempt_tables import capacity_table, rule_in_words
from ui.exercise.attempts import current, note, noted
from ui.exercise.training import training_form
from ui.shell.chart import chart
from ui.shell.guard import callback


def predict_stage(attempt: Attempt, comparisons: Sequence[Comparison | str | None]) -> None:
    """The three beside their teacher, their lesson, the rule, and the prediction, which stands once runs have begun."""
    if not attempt.can_run:
        st.info(
            f"`{attempt.teacher}` has no weights here, so counting is all that can be done with it, and that is done. Take "
            "`reviews`, a smaller BERT with weights, for what follows; your three designs stay where it allows them.",
            icon=":material/functions:",
        )
        st.button(
            "Take reviews", key="take-reviews", on_click=callback(lambda: note(current().with_teacher("reviews")))
        )
        return
    known = [one for one in comparisons if isinstance(one, Comparison)]
    whole = st.column_config.NumberColumn(format="localized")
    columns = {
        "your count": whole,
        "parameters": whole,
        "of the teacher": st.column_config.NumberColumn(format="%.1f %%"),
    }
    st.dataframe(capacity_table(attempt, known), hide_index=True, column_config=columns, key="capacity")
    students = dict(zip(SLOTS, (one.student for one in known), strict=True))
    chart(
        towers(known[0].teacher, students),
        key="exercise-towers",
        height=300,
        alt="The teacher and the three students as towers in which area is parameters.",
    )
    training_form(attempt)
    blind = attempt.begun is None
    noted(
        st.segmented_control,
        "within",
        attempt.within,
        lambda within: current().with_distance(within),
        label="Good enough is so many points below the teacher's accuracy",
        options=list(DISTANCES),
        format_func=lambda share: f"{100 * share:g}",
        required=True,
        disabled=not blind,
    )
    st.markdown(rule_in_words(attempt))
    noted(
        st.segmented_control,
        "prediction",
        attempt.prediction,
        lambda slot: current().with_prediction(slot),
        label="Which will trade best?",
        options=list(range(len(SLOTS))),
        format_func=SLOTS.__getitem__,
        disabled=not blind,
    )
    if blind:
        st.caption(
            "You can change it until the first run begins. There is no harm in being wrong: a surprise teaches most."
        )
    else:
        st.caption("The runs have begun, so it stands. Change a student or the lesson to begin anew.")
