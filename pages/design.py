"""Design: derive a student, and see at once its size beside the teacher's, and its cost."""

from functools import partial

import streamlit as st

from labcore.config.spec import SpecError
from labcore.teacher.built_in import has_weights, ready_teachers
from ui.design.begin_form import begin_form
from ui.design.comparison import comparison_list, keep_button, kept_students
from ui.design.counts import counts_of, show_counts
from ui.design.pictures import awaited_picture, pictures
from ui.design.stack_form import stack_form
from ui.design.teacher_form import teacher_form
from ui.exercise.slot_on_design import changing_bar
from ui.shell import state
from ui.shell.bound import show_form_error
from ui.shell.page_frame import page
from ui.shell.teacher_notes import show_where
from ui.shell.undo_button import undo_button

with page("design"):
    spec = state.spec()
    counts = counts_of(spec)
    show_where(spec)
    changing_bar(usable=not isinstance(counts, SpecError))
    controls, picture = st.columns([5, 8], gap="large")
    with picture:  # first, so that you see new counts before anything slower
        with st.container(key="not-changed"):
            show_form_error()
        show_counts(spec, counts)

    with controls:
        teacher_form(spec)
        begin_form(spec)
        stack_form(spec, counts if isinstance(counts, SpecError) else None)
        countable_only = not has_weights(spec.teacher)
        with st.container(horizontal=True):
            undo_button("design")
            keep_button(spec)
            go = st.button(
                "Distil this student",
                key="to-distil",
                type="primary",
                icon=":material/local_fire_department:",
                disabled=countable_only or isinstance(counts, SpecError),
            )
        if go:
            state.show_run(None)
            st.switch_page("pages/distil.py")
        if countable_only:
            st.caption(
                f"You can count `{spec.teacher}`, but not distil it, because its weights are not here. "
                f"Choose {ready_teachers('`')} to train a student."
            )

    with picture:
        if isinstance(counts, SpecError):
            awaited_picture()
        else:
            kept = kept_students(spec)
            pictures(spec, counts, kept)
            comparison_list(spec, kept, counts.teacher)
        with st.expander("The spec as a file", icon=":material/data_object:"):
            st.caption("The address of this page holds it too. Copy the address to share what you see.")
            st.code(spec.to_json(indent=2), language="json")
            st.download_button(
                "Download spec.json", partial(spec.to_json, 2), "spec.json", "application/json", on_click="ignore"
            )
