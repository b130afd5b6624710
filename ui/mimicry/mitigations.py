"""Against mimicry: how often the monitor detects it, and which mitigations help."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.evaluate.mitigation_gain import mitigations
from labcore.evaluate.monitor_errors import monitor_errors_in
from labcore.evaluate.reference import ReferenceResults
from labcore.results.evaluation import HARM
from labcore.views.markdown import unbroken
from labcore.views.mimicry.mitigation_table import mitigations_in_words, mitigations_table
from labcore.views.mimicry.monitor_table import score_in_words, score_table
from ui.shell.reference_notes import origin, run_yourself


def monitor_rates(development: ReferenceResults, unseen: ReferenceResults | None) -> None:
    """Draw the monitor's error rates: on runs newer than its rule, then on those on which it was chosen."""
    st.markdown(
        "The **shortcut test** on the *Evaluate* page is the monitor. It needs only what you would have: labelled "
        "validation examples, a suspected word, both models' logits, and the no-teacher baseline. How often is it "
        "right? Here the truth is known from how the data were made."
    )
    if unseen is not None:
        score = monitor_errors_in(unseen)
        st.markdown(
            "**Runs that are newer than its rule**, with other students and training configurations. "
            f"{unbroken(score_in_words(score))}"
        )
        st.dataframe(score_table(score), hide_index=True, key="monitor-unseen")
    with st.expander("Runs on which its rule was chosen", icon=":material/table:", expanded=unseen is None):
        score = monitor_errors_in(development)
        st.markdown(
            f"The runs of the charts above, and students of a teacher that never saw the word. "
            f"{unbroken(score_in_words(score))}"
        )
        st.dataframe(score_table(score), hide_index=True)
    st.caption(
        f"A *mimic* loses {100 * HARM:g} points or more on the test split if the word contradicts the label. Its own "
        "training examples carry the word at random, so only its teacher can be the cause. All other students are "
        "*unaffected*. The interval treats runs as independent."
    )
    if st.button("Test a run of yours", icon=":material/troubleshoot:", key="to-monitor"):
        st.switch_page("pages/evaluate.py")


def what_helps(references: Sequence[ReferenceResults]) -> None:
    """Draw the gain of each mitigation, and a way to run each yourself."""
    tried = mitigations(references)
    if not tried:
        return
    mimic = tried[0]
    st.header("What helps against it")
    st.markdown(
        f"The same student of `{mimic.spec.teacher}` with other training configurations, over {mimic.seeds} seeds "
        "each. Gains are in points of accuracy if the word contradicts the label. "
        f"{unbroken(mitigations_in_words(tried))} "
        "Whatever you try, validate on examples without the word as well: those with the word do not reveal the mimic."
    )
    st.dataframe(mitigations_table(tried), hide_index=True, key="mitigations")
    chosen = st.selectbox(
        "A mitigation to run yourself",
        tried,
        index=min(1, len(tried) - 1),
        key="mitigation",
        format_func=lambda mitigation: mitigation.name,
    )
    run_yourself(chosen.spec, f"Run it yourself: {chosen.name}", key="run-mitigation")
    st.caption("The first row is the mimic of the charts above.")
    origin(references[-1])
