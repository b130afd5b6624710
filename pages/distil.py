"""Distil: weigh the loss, start a run in the background, and watch it learn."""

import streamlit as st

from labcore.teacher.architecture import has_weights, ready_teachers
from labcore.views.words import student_in_words
from ui import state
from ui.bound import show_form_error
from ui.distil_form import SYMBOLS, distil_form, formula
from ui.live import watch
from ui.navigation import enter

enter("distil")
st.title("Distil the student")

spec = state.spec()
controls, picture = st.columns([5, 8], gap="large")
with controls:
    st.markdown(f":orange[**{student_in_words(spec)}**], taught by :blue[**{spec.teacher}**]")
    distil_form(spec)
    show_form_error()
    countable_only = not has_weights(spec.teacher)
    if st.button(
        "Distil",
        key="distil",
        type="primary",
        icon=":material/local_fire_department:",
        width="stretch",
        disabled=countable_only,
    ):
        state.look_at(state.jobs().submit(spec))
    if countable_only:
        st.caption(
            f"`{spec.teacher}` can be counted, not distilled: its weights are not here. Choose {ready_teachers('`')} in Design."
        )
    st.latex(formula(spec.distil))
    st.caption(SYMBOLS)

with picture:
    watch(state.run_id())

state.write_link()
