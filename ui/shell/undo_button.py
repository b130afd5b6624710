"""The button that takes back the last change of the spec, and names it, because the change may be another page's."""

from __future__ import annotations

import streamlit as st

from labcore.views.controls import undo_in_words
from ui.shell import state
from ui.shell.guard import callback


def undo_button(page: str) -> None:
    """Draw the button. page: the name of the page that draws it."""
    before = state.undone()
    st.button(
        undo_in_words(state.spec(), before, page),
        key="undo",
        icon=":material/undo:",
        on_click=callback(state.undo),
        disabled=before is None,
    )
