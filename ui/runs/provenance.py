"""The tree of which student came of which teacher, on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from labcore.evaluate.run_groups import RunGroup
from labcore.views.runs.tree_chart import tree
from ui.shell import on_show
from ui.shell.chart import chart


def provenance_picture(groups: Sequence[RunGroup], names: Mapping[str, str]) -> None:
    """Draw the tree. A pick of another student than the last one shows it, or takes it out of what is shown."""
    st.header("Provenance: which student came of which teacher")
    figure, height = tree(groups, names, on_show.shown_runs())
    picked = chart(
        figure,
        key="provenance",
        height=height,
        select=True,
        alt=f"A tree from the teachers by their steps to {len(groups)} students, coloured by test accuracy.",
    )
    st.caption(
        "A star is a teacher, and a small circle what a step makes of it. A large circle is a student after its "
        "training, open without a result. Students that share their first steps share a branch. Choose a student to "
        "show it above."
    )
    if picked is not None and picked != st.session_state.get("picked-in-tree"):  # a click, not one remembered
        st.session_state["picked-in-tree"] = picked
        shown = on_show.shown_runs()
        on_show.show_runs([run for run in shown if run != picked] if picked in shown else [*shown, str(picked)])
        st.session_state["runs-table-drawn"] = st.session_state.get("runs-table-drawn", 0) + 1
        st.rerun()
