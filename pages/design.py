"""Design: derive a student, and see at once what is left of the teacher."""

import streamlit as st

from labcore.spec import SpecError
from labcore.teacher.architecture import BUILT_IN, WITHOUT_WEIGHTS
from labcore.views.anatomy import alternative_text, towers
from labcore.views.tables import parts_table
from labcore.views.words import percent
from ui import forms, state
from ui.chart import chart

state.show_link_error()
st.title("Design a student")
with st.spinner("Loading torch, once…", show_time=True):
    from labcore.student.count import compare

controls, picture = st.columns([5, 8], gap="large")

with controls:
    spec = state.spec()
    forms.teacher_form(spec)
    teacher = BUILT_IN[spec.teacher]
    forms.family_form(spec, teacher)
    if len(spec.steps) > 1:
        st.info(f"This student is made in {len(spec.steps)} steps; choose a way above to begin anew with one.")
    for index, step in enumerate(spec.steps):
        if len(spec.steps) > 1:
            st.markdown(f"**{index + 1}. {forms.FAMILIES[step.kind]}**")
        forms.step_form(spec, index, teacher)
    if not spec.steps:
        st.info("No step yet: this student is a copy of its teacher. Choose a way above to make it smaller.")
    forms.show_form_error()
    with st.container(horizontal=True):
        st.button("Undo", icon=":material/undo:", on_click=state.undo, disabled=not state.can_undo())
        if st.button("Distil this student", type="primary", icon=":material/local_fire_department:",
                     disabled=spec.teacher in WITHOUT_WEIGHTS):  # fmt: skip
            state.look_at(None)
            st.switch_page("pages/distil.py")
    if spec.teacher in WITHOUT_WEIGHTS:
        st.caption(
            f"`{spec.teacher}` can be counted, not distilled: its weights are not here. Choose `reviews` to train."
        )

with picture:
    try:
        comparison = compare(teacher, spec.steps)
    except SpecError as error:
        st.error(f"This student can't be made: {error}")
    else:
        figures = st.container(key="counts", horizontal=True)
        figures.metric(
            "Teacher",
            f"{comparison.teacher.total:,}",
            help="Parameters of the teacher: every number that training could change.",
        )
        figures.metric("Student", f"{comparison.student.total:,}", help="Parameters of the student, zeros too.")
        figures.metric("Size", percent(comparison.ratio, 1), help="The student's parameters over the teacher's.")
        figures.metric(
            "Non-zero", f"{comparison.student.nonzero:,}", help="Parameters that pruning does not hold at zero."
        )
        chart(towers(comparison), key="towers", height=470, alt=alternative_text(comparison))
        st.caption(
            "Area is parameters, on one scale: width is the hidden size, and every block is as high as it must be."
        )
        with st.expander("Every part in numbers", icon=":material/table:"):
            st.dataframe(
                parts_table(comparison), hide_index=True, width="stretch",
                column_config={
                    "teacher": st.column_config.NumberColumn(format="localized"),
                    "student": st.column_config.NumberColumn(format="localized"),
                    "student / teacher": st.column_config.NumberColumn(format="%.1f %%"),
                },
            )  # fmt: skip
    with st.expander("This experiment as a file", icon=":material/data_object:"):
        st.caption("The address of this page holds it too: copy it to share what you see.")
        st.code(state.spec().to_json(indent=2), language="json")
        st.download_button("Download spec.json", state.spec().to_json(indent=2), "spec.json", "application/json")

state.write_link()
