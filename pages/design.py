"""Design: derive a student, and see at once what is left of the teacher, and what that costs."""

from functools import partial

import streamlit as st

from labcore.config.spec import SpecError
from labcore.models.architecture import has_weights, ready_teachers
from labcore.views.words import percent
from ui.design.comparison import comparison_list, keep_button, kept_students
from ui.design.pictures import pictures, refusal_words
from ui.design.stack_form import begin_form, stack_form
from ui.design.teacher_form import teacher_form
from ui.shell import state
from ui.shell.address import write_link
from ui.shell.bound import show_form_error
from ui.shell.glossary import words_of
from ui.shell.guard import callback
from ui.shell.navigation import enter
from ui.shell.teacher_notes import show_where

enter("design")
st.title("Design a student")
words_of("design")
with st.spinner("Loading torch, once…", show_time=True):
    state.jobs().wait_until_loaded()
from labcore.runs.cache import counted  # noqa: E402  (imports torch, so not before it is loaded)

spec = state.spec()
comparison, refusal = None, None
try:
    comparison = counted(spec)
except SpecError as error:
    refusal = error

show_where(spec)
controls, picture = st.columns([5, 8], gap="large")
with picture:  # first, so that new counts are there before anything else is worked out
    if comparison is None:
        assert refusal is not None
        st.error(refusal_words(refusal, spec))
    else:
        ours, theirs = comparison.student, comparison.teacher
        figures = st.container(key="counts", horizontal=True)
        figures.metric("Teacher", f"{theirs.total:,}", help="Its parameters: every number that training could change.")
        figures.metric("Student", f"{ours.total:,}", help="Its parameters, zeros among them.")
        figures.metric("Size", percent(comparison.ratio, 1), help="The student's parameters over the teacher's.")
        figures.metric(
            "Non-zero",
            f"{ours.nonzero:,}",
            help="The student's parameters whose value is not 0."
            + (
                ""
                if has_weights(spec.teacher)
                else " Without the weights, only the zeros that pruning makes are known."
            ),
        )
        assert ours.cost is not None
        assert theirs.cost is not None
        figures.metric(
            "Arithmetic",
            percent(ours.cost.macs / theirs.cost.macs, 1),
            help=f"Multiply-accumulates for a sentence of {ours.cost.tokens} word pieces, over the teacher's: "
            f"{ours.cost.macs / 1e6:,.0f} of {theirs.cost.macs / 1e6:,.0f} million.",
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
        state.look_at(None)
        st.switch_page("pages/distil.py")
    if countable_only:
        st.caption(
            f"`{spec.teacher}` can be counted, not distilled: its weights are not here. Choose {ready_teachers('`')} to train."
        )

with picture:
    if comparison is not None:
        kept = kept_students(spec)
        pictures(spec, comparison, kept)
        comparison_list(spec, kept, comparison.teacher)
    with st.expander("This experiment as a file", icon=":material/data_object:"):
        st.caption("The address of this page holds it too: copy that to share what you see.")
        st.code(spec.to_json(indent=2), language="json")
        st.download_button(
            "Download spec.json", partial(spec.to_json, 2), "spec.json", "application/json", on_click="ignore"
        )

write_link()
