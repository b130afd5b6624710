"""The attempt of somebody else, whose address this browser was given: its students, and a way to begin with them."""

from __future__ import annotations

import streamlit as st

from labcore.exercise.attempt import SLOTS, Attempt, new_id
from labcore.views.teacher_names import in_markdown
from labcore.views.words import student_in_words, training_in_words
from ui.exercise.attempts import save_new, why_not_change
from ui.shell import state
from ui.shell.guard import callback


def others_attempt(attempt: Attempt) -> None:
    """Draw what others may see of an attempt: its designs, and nothing that its owner predicted, chose or wrote."""
    st.info(f"{why_not_change(attempt)}", icon=":material/lock_person:")
    st.markdown(f"Teacher: :blue[{in_markdown(attempt.teacher)}]. Training: {training_in_words(attempt.config)}.")
    for column, slot, name in zip(st.columns(len(SLOTS)), range(len(SLOTS)), SLOTS, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"## Student {name}")
            if attempt.slots[slot].steps is None:
                st.caption("Not chosen yet.")
            else:
                st.markdown(f":orange[{student_in_words(attempt.spec(slot))}]")
    with st.container(horizontal=True):
        st.button(
            "Begin with these students",
            key="begin-with-these",
            type="primary",
            icon=":material/content_copy:",
            help="An exercise of your own, with the same teacher, students and training. You count and predict again: "
            "it is the way to go on in another browser, too.",
            on_click=callback(_begin_with),
            args=(attempt,),
        )
        st.button("Begin without them", key="begin-afresh", on_click=callback(state.go_on_with), args=(None,))


def _begin_with(attempt: Attempt) -> None:
    own = Attempt(new_id(), teacher=attempt.teacher, config=attempt.config)
    for slot, given in enumerate(attempt.slots):
        if given.steps is not None:
            own = own.with_student(slot, given.steps)
    save_new(own)
    state.go_on_with(own.id)
