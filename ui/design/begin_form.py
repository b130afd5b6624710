"""Ready students to begin with."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.presets import PRESETS, PUBLISHED_STUDENTS
from labcore.config.spec import Spec
from labcore.teacher.built_in import TASK_OF, TEACHERS, has_weights
from labcore.views.teacher_names import short_name
from ui.design.menu import close_menu, menu_key
from ui.design.stack_form import structure_before
from ui.shell import state
from ui.shell.guard import callback

BEGINNING = "beginning"  # a menu


def begin_form(spec: Spec) -> None:
    """Ready students to begin with: the lab's three, and published ones as the lab would derive them."""
    teacher = spec.teacher if has_weights(spec.teacher) else PRESETS[0].spec.teacher
    if state.fixed("steps.kinds"):
        return
    with st.popover(
        "Begin with a known student",
        icon=":material/auto_awesome:",
        width="stretch",
        key=menu_key(BEGINNING),
        on_change="rerun",
    ):
        st.caption(f"The lab's three, of the teacher `{short_name(teacher)}`:")
        with st.container(horizontal=True):
            for preset in PRESETS:
                begun = replace(preset.spec, teacher=teacher, task=TASK_OF.get(teacher, spec.task))
                can_be = teacher in TEACHERS or structure_before(begun, len(begun.steps)) is not None
                st.button(
                    preset.name,
                    key=f"begin-{preset.name}",
                    on_click=callback(_begin),
                    args=(begun,),
                    help=preset.summary,
                    disabled=not (can_be and state.allows(begun)),
                )
        st.caption("Published BERTs, of `bert-base-uncased`, to count:")
        with st.container(horizontal=True):
            for known in PUBLISHED_STUDENTS:
                st.button(
                    known.name,
                    key=f"begin-{known.name}",
                    on_click=callback(_begin),
                    args=(known.spec,),
                    help=known.summary,
                    disabled=not state.allows(known.spec),
                )


def _begin(spec: Spec) -> None:
    """Take a ready student."""
    close_menu(BEGINNING)
    state.take(spec)
