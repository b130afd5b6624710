"""Teacher assistants on the page: whether they help, and a chain to run yourself."""

from __future__ import annotations

import streamlit as st

from labcore.evaluate.assistant_gain import assistant_comparisons, total_steps
from labcore.evaluate.reference import ReferenceResults
from labcore.views.capacity.assistant_table import assistant_in_words, assistant_table
from labcore.views.markdown import unbroken
from ui.shell.reference_notes import origin, run_yourself


def assistant_results(reference: ReferenceResults) -> None:
    """Draw both ways for each small student, and a button that runs a chain here."""
    pairs = assistant_comparisons(reference)
    st.markdown(unbroken(assistant_in_words(pairs)))
    st.dataframe(assistant_table(pairs), hide_index=True)
    origin(reference)
    st.caption("Total steps: directly / with the assistant. The assistant's steps take more time because it is larger.")
    run_yourself(
        pairs[0].assisted.spec,
        f"Run a chain yourself: {total_steps(pairs[0].assisted.spec):,} steps in two runs",
        key="run-chain",
    )
