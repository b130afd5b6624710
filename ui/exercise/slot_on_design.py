"""A slot's student on the Design page: the way there, and the bar with the way back that brings the student along."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from labcore.config.steps import Step
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.views.teacher_names import in_markdown
from ui.exercise.attempts import change, current, own_attempt
from ui.shell import state


def design_button(attempt: Attempt, slot: int) -> None:
    """The button that opens the Design page with a slot's student, or with the changes that were begun there."""
    name = SLOTS[slot]
    begun = state.changing() == slot
    spec = replace(attempt.spec(slot), distil=state.spec().distil)
    allowed = begun or state.allows(spec)
    if st.button(
        f"Go on changing {name} on the Design page" if begun else "Change it on the Design page",
        key=f"design-{name}",
        type="tertiary",
        icon=":material/architecture:",
        disabled=not allowed,
        help=None if allowed else "Your assignment fixes the settings of the Design page.",
    ):
        if not begun:
            st.session_state.before_changing = state.spec()
            state.change(spec)
            state.go_on_changing(slot)
        st.switch_page("pages/design.py")


def changing_bar(usable: bool) -> None:
    """On the Design page: whose student is being changed, and two ways back; nothing if it is nobody's.

    usable: whether the student on the page can be made.
    """
    slot, attempt = state.changing(), own_attempt()
    if slot is None or attempt is None:
        return
    name = SLOTS[slot]
    with st.container(key="changing", border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"You are changing **student {name}** of the exercise.", width="stretch")
            use = st.button(
                f"Use it as {name}",
                key="use-in-slot",
                type="primary",
                icon=":material/check:",
                disabled=not usable,
            )
            cancel = st.button("Cancel", key="cancel-changing")
        if state.spec().teacher != attempt.teacher:
            st.caption(f"The exercise applies its steps to its own teacher, {in_markdown(attempt.teacher)}.")
    if use:
        _use(slot)
    if cancel:
        _cancel()
    if use or cancel:
        st.switch_page("pages/exercise.py")


def _use(slot: int) -> None:
    """Put the student of the Design page into the slot; if that clears something, the Exercise page opens a dialog."""
    state.go_on_changing(None)
    st.session_state.pop("before_changing", None)
    change(partial(_with_student, slot, state.spec().steps))


def _with_student(slot: int, steps: tuple[Step, ...]) -> Attempt:
    return current().with_student(slot, steps)


def _cancel() -> None:
    """Leave the slot as it is, and bring back what the Design page held before."""
    state.go_on_changing(None)
    if (before := st.session_state.pop("before_changing", None)) is not None:
        state.take(before)
