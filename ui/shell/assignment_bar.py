"""The assignment that a link brought: its title and text above each page, and a button to leave it."""

from __future__ import annotations

import streamlit as st

from ui.shell import state
from ui.shell.guard import callback


def assignment_bar() -> None:
    """Show the assignment's title and text as they were typed, never as Markdown; nothing if there is no assignment."""
    assignment = state.assignment()
    if assignment is None:
        return
    with st.container(key="assignment", horizontal=True, vertical_alignment="center", border=True):
        with st.container(gap="xxsmall"):
            st.text(assignment.title)
            if assignment.text.strip():
                st.text(assignment.text)
        st.button(
            "Leave the assignment",
            key="leave-assignment",
            type="tertiary",
            icon=":material/logout:",
            on_click=callback(state.leave_assignment),
            help="You keep what you have set. After that you can change every setting.",
        )
