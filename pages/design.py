"""Design: derive a student, and see at once what is left of the teacher."""

import streamlit as st

from labcore.spec import SpecError
from labcore.teacher.architecture import BUILT_IN, WITHOUT_WEIGHTS
from labcore.views.anatomy import alternative_text, towers
from labcore.views.tables import parts_table
from labcore.views.words import percent
from ui import state
from ui.bound import show_form_error
from ui.chart import chart
from ui.navigation import enter
from ui.student_form import FAMILIES, family_form, step_form, teacher_form

enter("design")
st.title("Design a student")
with st.spinner("Loading torch, once…", show_time=True):
    state.jobs().wait_until_loaded()
from labcore.student.count import compare  # noqa: E402  (imports torch, so not before it is loaded)

spec = state.spec()
teacher = BUILT_IN[spec.teacher]
comparison, refusal = None, None
try:
    comparison = compare(teacher, spec.steps)
except SpecError as error:
    refusal = str(error)

controls, picture = st.columns([5, 8], gap="large")
with controls:
    teacher_form(spec)
    family_form(spec, teacher)
    if len(spec.steps) > 1:
        st.info(f"This student is made in {len(spec.steps)} steps. Choose a way above to begin anew with one.")
    elif not spec.steps:
        st.info("No step yet: this student is a copy of its teacher. Choose a way above to make it smaller.")
    for index, step in enumerate(spec.steps):
        if len(spec.steps) > 1:
            st.markdown(f"**{index + 1}. {FAMILIES[step.kind]}**")
        if refusal is None:
            step_form(spec, index, teacher)
    show_form_error()
    countable_only = spec.teacher in WITHOUT_WEIGHTS
    with st.container(horizontal=True):
        st.button("Undo", icon=":material/undo:", on_click=state.undo, disabled=not state.can_undo())
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
            f"`{spec.teacher}` can be counted, not distilled: its weights are not here. Choose `reviews` to train."
        )

with picture:
    if comparison is None:
        st.error(f"This student can't be made: {refusal}. Undo the last change, or choose a way to derive it.")
    else:
        ours, theirs = comparison.student, comparison.teacher
        figures = st.container(key="counts", horizontal=True)
        figures.metric(
            ":blue[Teacher]", f"{theirs.total:,}", help="Its parameters: every number that training could change."
        )
        figures.metric(":orange[Student]", f"{ours.total:,}", help="Its parameters, zeros among them.")
        figures.metric("Size", percent(comparison.ratio, 1), help="The student's parameters over the teacher's.")
        figures.metric(
            "Non-zero", f"{ours.nonzero:,}", help="The student's parameters that pruning does not hold at zero."
        )
        chart(towers(comparison), key="towers", height=470, alt=alternative_text(comparison))
        st.caption(
            "Area is parameters, on one scale: a block is as wide as the hidden size, and as high as it must be."
        )
        with st.expander("Every part in numbers", icon=":material/table:"):
            whole = st.column_config.NumberColumn(format="localized")
            share = st.column_config.NumberColumn(format="%.1f %%")
            st.dataframe(
                parts_table(comparison),
                hide_index=True,
                column_config={"teacher": whole, "student": whole, "student / teacher": share},
            )
    with st.expander("This experiment as a file", icon=":material/data_object:"):
        st.caption("The address of this page holds it too: copy that to share what you see.")
        st.code(spec.to_json(indent=2), language="json")
        st.download_button("Download spec.json", spec.to_json(indent=2), "spec.json", "application/json")

state.write_link()
