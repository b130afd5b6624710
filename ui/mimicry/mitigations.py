"""What can be done about mimics: how often the monitor tells them, and which lessons make none."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.evaluate.reference import ReferenceResults
from labcore.views.mimicry.mitigation_table import mitigations, mitigations_in_words, mitigations_table
from labcore.views.mimicry.monitor_table import score, score_in_words, score_table
from ui.shell.reference_notes import origin, run_yourself


def monitor_rates(set_by: ReferenceResults, unseen: ReferenceResults | None) -> None:
    """What the monitor is, and how often it was right: of runs that its rule had not seen, then of those that it was set by."""
    st.markdown(
        "The **monitor** on the *Judge* page needs no more than you would have: labelled validation texts, a word that you suspect, "
        "the same student taught without its teacher, and the answers of both models. How often is it right? Here the truth is known "
        "from how the data were made."
    )
    if unseen is not None:
        found = score(unseen)
        st.markdown(
            f"**Runs that its rule had not seen**, of other students and other lessons. {score_in_words(found)}"
        )
        st.dataframe(score_table(found), hide_index=True, key="monitor-unseen")
    with st.expander("Runs that its rule was set by", icon=":material/table:", expanded=unseen is None):
        found = score(set_by)
        st.markdown(
            f"The runs of the figures above, and students of a teacher that never saw the word. {score_in_words(found)}"
        )
        st.dataframe(score_table(found), hide_index=True)
    st.caption(
        "A *mimic* loses 5 points or more on the whole test split where the word contradicts the label, and its own texts carry the "
        "word at random, so it can have that from its teacher only; all others are *sound*. The interval takes runs as independent."
    )
    if st.button("Ask the monitor about a run of yours", icon=":material/troubleshoot:", key="to-monitor"):
        st.switch_page("pages/evaluate.py")


def what_helps(all_reference_results: Sequence[ReferenceResults]) -> None:
    """What was tried against a mimic, measured, and the way to try each oneself."""
    tried = mitigations(all_reference_results)
    if not tried:
        return
    st.header("What helps against it")
    st.markdown(
        f"The same student of `{tried[0].spec.teacher}`, taught otherwise, each over {len(tried[0].accuracy['clean'])} seeds; points "
        f"are those gained where the word contradicts the label. {mitigations_in_words(tried)} Whatever you try, validate on texts "
        "without the word as well: those that carry it as the teacher's did will not show it."
    )
    st.dataframe(mitigations_table(tried), hide_index=True, key="remedies")
    chosen = st.selectbox(
        "A lesson to run yourself",
        tried,
        index=min(1, len(tried) - 1),
        key="remedy",
        format_func=lambda remedy: remedy.name,
    )
    run_yourself(chosen.spec, f"Run it yourself: {chosen.name}", key="run-remedy")
    st.caption("The mimic as it is, and its other hard weights, are those of the figures above.")
    origin(all_reference_results[-1])
