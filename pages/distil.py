"""Distil: weigh the loss, start a run in the background, and watch it learn."""

import streamlit as st

from labcore.teacher.architecture import has_weights, ready_teachers
from labcore.views.formula import formula, set_by, symbols
from labcore.views.words import guide_in_words, lesson_in_words, student_in_words
from ui import state
from ui.address import write_link
from ui.bound import show_form_error
from ui.distil_form import distil_form
from ui.glossary import words_of
from ui.guard import callback, queued
from ui.guide_form import guide_form
from ui.live import watch
from ui.navigation import enter
from ui.own_teacher import say_missing, say_where

enter("distil")
st.title("Distil the student")
words_of("distil")

spec = state.spec()
controls, picture = st.columns([5, 8], gap="large")
with controls:
    st.markdown(f":orange[**{student_in_words(spec)}**], taught by {guide_in_words(spec)}")
    say_where(spec)
    missing = say_missing(spec)
    guide_form(spec)
    distil_form(spec)
    show_form_error()
    st.caption(f"Lesson: {lesson_in_words(spec.distil)}")  # below what is moved, for it may take another line
    countable_only = not has_weights(spec.teacher)
    with st.container(horizontal=True):
        go = st.button(
            "Distil",
            key="distil",
            type="primary",
            icon=":material/local_fire_department:",
            width="stretch",
            disabled=countable_only or missing,
        )
        st.button(
            "Undo", key="undo", icon=":material/undo:", on_click=callback(state.undo), disabled=not state.can_undo()
        )
    if go and (begun := queued(spec)) is not None:
        state.look_at(begun)
    if countable_only:
        st.caption(
            f"`{spec.teacher}` can be counted, not distilled: its weights are not here. Choose {ready_teachers('`')} in Design."
        )

run = state.run_id()
with (
    controls if run else picture,
    st.container(key="formula", gap="small"),
):  # beside what is moved, until curves take its place
    st.latex(formula(spec.distil))
    st.markdown(f":small[{set_by(spec.distil)}]")
    st.caption(symbols(spec.distil))
with picture:
    watch(run)

write_link()
