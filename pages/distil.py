"""Distil: set the loss weights, start a run in the background, and watch it train."""

import streamlit as st

from labcore.teacher.built_in import has_weights, ready_teachers
from labcore.views.distil.formula import formula, set_by, symbols
from labcore.views.words import student_in_words, teacher_in_words, training_in_words
from ui.distil.assistant_form import assistant_form
from ui.distil.distil_form import distil_form
from ui.distil.live import watch
from ui.shell import state
from ui.shell.bound import show_form_error
from ui.shell.guard import callback, queued
from ui.shell.page_frame import page
from ui.shell.teacher_notes import show_missing, show_where

with page("distil"):
    spec = state.spec()
    controls, picture = st.columns([5, 8], gap="large")
    with controls:
        st.markdown(f":orange[**{student_in_words(spec)}**], distilled from {teacher_in_words(spec)}")
        show_where(spec)
        missing = show_missing(spec)
        assistant_form(spec)
        distil_form(spec)
        show_form_error()
        # Below the controls, because it may need another line.
        st.caption(f"Training: {training_in_words(spec.distil)}")
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
        if go and (run_id := queued(spec)) is not None:
            state.show_run(run_id)
        if countable_only:
            st.caption(
                f"The weights of `{spec.teacher}` are not here, so you can count with it, but not distil it. Choose "
                f"{ready_teachers('`')} in Design."
            )

    run = state.run_id()
    # The formula stands in the large column until curves take its place.
    with controls if run else picture, st.container(key="formula", gap="small"):
        st.latex(formula(spec.distil))
        st.markdown(f":small[{set_by(spec.distil)}]")
        st.caption(symbols(spec.distil))
    with picture:
        watch(run)
