"""Distil: set the loss weights beside their formula, start a run in the background, and watch it train."""

import streamlit as st

from labcore.teacher.built_in import has_weights, ready_teachers
from labcore.views.distil.formula import formula, set_by, symbols
from labcore.views.words import student_in_words, teacher_in_words, training_in_words
from ui.distil.assistant_form import assistant_form
from ui.distil.distil_form import distil_form
from ui.distil.live import watch
from ui.shell import state
from ui.shell.bound import show_form_error
from ui.shell.page_frame import page
from ui.shell.teacher_notes import show_missing, show_where
from ui.shell.undo_button import undo_button

with page("distil"):
    spec = state.spec()
    controls, picture = st.columns([5, 8], gap="large")
    with controls:
        st.markdown(f":orange[**{student_in_words(spec)}**], distilled from {teacher_in_words(spec)}")
        show_where(spec)
        missing = show_missing(spec)
        countable_only = not has_weights(spec.teacher)
        if countable_only:
            st.caption(
                f"The weights of `{spec.teacher}` are not here, so you can count with it, but not distil it. Choose "
                f"{ready_teachers('`')} in Design."
            )
        with st.container(key="formula"):  # it stays in view while you move the sliders below it
            st.latex(formula(spec.distil))
            show_form_error()
        with st.expander("The letters of the formula", icon=":material/function:", type="compact"):
            st.markdown(f":small[{set_by(spec.distil)}]")
            st.caption(symbols(spec.distil))
        assistant_form(spec)
        distil_form(spec)
        # Below the controls, because it may need another line.
        st.caption(f"Training: {training_in_words(spec.distil)}")
        undo_button("distil")
    with picture:
        watch(ready=not countable_only and not missing)
