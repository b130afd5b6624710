"""The lesson that a person was given by a link: its words above each page, and the way out of it."""

from __future__ import annotations

import streamlit as st

from ui.shell import state
from ui.shell.guard import callback


def assignment_bar() -> None:
    """What the lesson is called and says, where there is one. Its words are shown as they are typed, never as Markdown."""
    lesson = state.lesson()
    if lesson is None:
        return
    with st.container(key="lesson", horizontal=True, vertical_alignment="center", border=True):
        with st.container(gap="xxsmall"):
            st.text(lesson.title)
            if lesson.text.strip():
                st.text(lesson.text)
        st.button(
            "Leave the lesson",
            key="leave-lesson",
            type="tertiary",
            icon=":material/logout:",
            on_click=callback(state.leave_assignment),
            help="Everything can be changed then. What you have set stays as it is.",
        )
