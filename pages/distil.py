"""Distil: weigh the loss, start a run in the background, and watch it learn."""

import streamlit as st

from labcore.teacher.architecture import WITHOUT_WEIGHTS
from labcore.views.words import student_in_words
from ui import forms, live, state

state.show_link_error()
st.title("Distil the student")

controls, picture = st.columns([5, 8], gap="large")
with controls:
    spec = state.spec()
    st.markdown(f"**{student_in_words(spec)}**, from the teacher `{spec.teacher}`")
    forms.distil_form(spec)
    forms.show_form_error()
    refused = spec.teacher in WITHOUT_WEIGHTS
    if st.button(
        "Distil",
        key="distil",
        type="primary",
        icon=":material/local_fire_department:",
        width="stretch",
        disabled=refused,
    ):
        state.look_at(state.jobs().submit(spec))
        st.rerun()
    if refused:
        st.caption(
            f"`{spec.teacher}` can be counted, not distilled: its weights are not here. Choose `reviews` on the Design page."
        )

with picture:
    st.latex(forms.formula(state.spec().distil))
    live.watch(state.run_id())

state.write_link()
