"""Design: derive a student, and see at once its size beside the teacher's, and its cost."""

from functools import partial

import streamlit as st

from labcore.config.spec import SpecError
from labcore.teacher.built_in import has_weights, ready_teachers
from labcore.views.words import percent
from ui.design.begin_form import begin_form
from ui.design.comparison import comparison_list, keep_button, kept_students
from ui.design.pictures import pictures, refusal_words
from ui.design.stack_form import stack_form
from ui.design.teacher_form import teacher_form
from ui.shell import state
from ui.shell.bound import show_form_error
from ui.shell.guard import callback
from ui.shell.page_frame import page
from ui.shell.teacher_notes import show_where

with page("design"):
    with st.spinner("Loading torch, once…", show_time=True):
        state.jobs().wait_until_loaded()
    from labcore.runs.cache import counted

    spec = state.spec()
    comparison, refusal = None, None
    try:
        comparison = counted(spec)
    except SpecError as error:
        refusal = error

    show_where(spec)
    controls, picture = st.columns([5, 8], gap="large")
    with picture:  # first, so that you see new counts before anything slower
        if comparison is None:
            assert refusal is not None
            st.error(refusal_words(refusal, spec))
        else:
            student, teacher = comparison.student, comparison.teacher
            figures = st.container(key="counts", horizontal=True)
            figures.metric(
                "Teacher", f"{teacher.total:,}", help="The teacher's parameters: every number that training can change."
            )
            figures.metric("Student", f"{student.total:,}", help="The student's parameters, including zeros.")
            figures.metric(
                "Size", percent(comparison.ratio, 1), help="The student's parameters as a percentage of the teacher's."
            )
            figures.metric(
                "Non-zero",
                f"{student.nonzero:,}",
                help="The student's parameters whose value is not 0."
                + ("" if has_weights(spec.teacher) else " Without weights, only the zeros of pruning are known."),
            )
            assert student.cost is not None
            assert teacher.cost is not None
            figures.metric(
                "Arithmetic",
                percent(student.cost.macs / teacher.cost.macs, 1),
                help=f"Multiply-accumulates for an example of {student.cost.tokens} tokens, as a percentage of the "
                f"teacher's: {student.cost.macs / 1e6:,.0f} of {teacher.cost.macs / 1e6:,.0f} million.",
            )

    with controls:
        teacher_form(spec)
        begin_form(spec)
        stack_form(spec)
        show_form_error()
        countable_only = not has_weights(spec.teacher)
        with st.container(horizontal=True):
            st.button("Undo", icon=":material/undo:", on_click=callback(state.undo), disabled=not state.can_undo())
            keep_button(spec)
            go = st.button(
                "Distil this student",
                key="to-distil",
                type="primary",
                icon=":material/local_fire_department:",
                disabled=countable_only or refusal is not None,
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
        if comparison is not None:
            kept = kept_students(spec)
            pictures(spec, comparison, kept)
            comparison_list(spec, kept, comparison.teacher)
        with st.expander("The spec as a file", icon=":material/data_object:"):
            st.caption("The address of this page holds it too. Copy the address to share what you see.")
            st.code(spec.to_json(indent=2), language="json")
            st.download_button(
                "Download spec.json", partial(spec.to_json, 2), "spec.json", "application/json", on_click="ignore"
            )
