"""Why a student can't be made: on top of the page, and in the card of the step at fault."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.views.design.refusals import refusal_in_words
from labcore.views.markdown import escaped
from ui.design.stack_state import step_at_fault
from ui.shell.teacher_notes import is_here


def show_refusal(error: SpecError, spec: Spec) -> None:
    """Draw, in place of the counts, what is wrong and what to do: about the teacher or about a step."""
    from labcore.teacher.location import TeacherError  # after torch: it imports the hub's client

    with st.container(key="refusal"):
        if isinstance(error, TeacherError):
            gone = "" if is_here(spec) else "Its folder is gone. "
            st.error(
                f"This teacher can't be read: {escaped(str(error))}. {gone}Put its folder back, or choose another "
                "teacher."
            )
            return
        index = step_at_fault(spec)
        where = "" if index is None else f"Step {index + 1}, *{spec.steps[index].label}*: "
        st.error(
            f"This student can't be made. {where}{refusal_in_words(str(error))}. Undo the last change, or change or "
            "remove the step."
        )


def show_step_refusal(error: SpecError) -> None:
    """Draw, in the card of the step at fault, why it can't be carried out."""
    st.error(f"This step can't be carried out: {refusal_in_words(str(error))}.", icon=":material/report:")
