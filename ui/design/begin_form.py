"""Ready students to begin with."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.presets import PRESETS, PUBLISHED_STUDENTS
from labcore.config.spec import Spec
from labcore.teacher.built_in import TEACHERS, has_weights
from labcore.teacher.task_of import task_of
from labcore.views.teacher_names import short_name
from ui.design.stack_state import structure_before
from ui.shell import state
from ui.shell.guard import callback
from ui.shell.popover import close_popover, closing_popover

BEGINNING = "beginning"  # a popover


def begin_form(spec: Spec) -> None:
    """Ready students to begin with: the lab's three, and published ones as the lab would derive them."""
    if state.fixed("steps.kinds"):
        return
    with closing_popover(BEGINNING, "Begin with a known student", icon=":material/auto_awesome:") as is_open:
        if is_open:
            _presets(spec)
            _published()


def _presets(spec: Spec) -> None:
    teacher = spec.teacher if has_weights(spec.teacher) else PRESETS[0].spec.teacher
    st.caption(f"The lab's three, of the teacher `{short_name(teacher)}`:")
    with st.container(horizontal=True):
        for preset in PRESETS:
            begun = replace(preset.spec, teacher=teacher, task=task_of(teacher) or spec.task)
            can_be = teacher in TEACHERS or structure_before(begun, len(begun.steps)) is not None
            st.button(
                preset.name,
                key=f"begin-{preset.name}",
                on_click=callback(_begin),
                args=(begun,),
                help=preset.summary,
                disabled=not (can_be and state.allows(begun)),
            )


def _published() -> None:
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
    close_popover(BEGINNING)
    state.take(spec)
