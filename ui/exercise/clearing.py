"""A change that clears a prediction or a choice: a dialog before it, and an *Undo* after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from labcore.config.spec import SpecError
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.views.exercise.attempt_changes import changes_in_words
from labcore.views.exercise.attempt_tables import in_a_row
from ui.exercise.attempts import current, update
from ui.shell.guard import callback, fragment


def ask_before_clearing() -> None:
    """Draw the dialog, once, if a control has requested a change that clears something."""
    make: Callable[[], Attempt] | None = st.session_state.pop("clearing_change", None)
    if make is not None:
        _ask(make)


@st.dialog("Change it?", icon=":material/restart_alt:")
@fragment
def _ask(make: Callable[[], Attempt]) -> None:
    if st.session_state.get("clear") or st.session_state.get("keep"):
        st.rerun()  # a dialog stays open until its page is drawn again
    before, new = current(), make()
    for line in changes_in_words(before, new):
        st.markdown(line)
    st.markdown(f"This clears {_cleared(before, new)}.")
    if new.again > before.again:
        st.markdown("Your submission will note that the runs had begun before you predicted again.")
    st.caption("You can undo it until you change something else.")
    with st.container(horizontal=True):
        st.button("Change it", key="clear", type="primary", on_click=callback(_apply), args=(make,))
        st.button("Leave it as it is", key="keep")


def _apply(make: Callable[[], Attempt]) -> None:
    before = current()
    try:
        update(make)
    except SpecError as error:  # another tab has changed the attempt meanwhile
        st.session_state.form_error = str(error)
        return
    st.session_state.cleared = (before, current())


def show_cleared() -> None:
    """Show what the last change has cleared, with a button that undoes it, until something else changes."""
    before, after = st.session_state.get("cleared", (None, None))
    now = current()
    if before is None or after != now:
        st.session_state.pop("cleared", None)
        return
    words = f"You have cleared {_cleared(before, now)}."
    if now.prediction is None:
        words += " Predict again before you run."
    if now.again > before.again:
        words += " Your submission will note that the runs had begun before."
    with st.container(key="cleared", horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/restart_alt: {words}", width="stretch")
        st.button("Undo", key="undo-clearing", icon=":material/undo:", on_click=callback(_undo))


def _undo() -> None:
    before, after = st.session_state.pop("cleared", (None, None))
    if before is None:
        return

    def undone() -> Attempt:
        now = current()
        return replace(before, signature=now.signature) if now == after else now

    update(undone)


def _cleared(before: Attempt, after: Attempt) -> str:
    """What a change clears, with the letters: `your prediction (C) and your choice (B)`."""
    names = before.cleared_in(after)
    return in_a_row([f"your {name} ({SLOTS[getattr(before, name)]})" for name in names])
