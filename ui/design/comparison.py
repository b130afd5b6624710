"""Students kept beside the current one: up to four against one teacher."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.results.counts import Counts
from labcore.views.words import percent, student_in_words
from ui.shell import state
from ui.shell.guard import callback

NAMES = "ABC"


def kept_students(spec: Spec) -> dict[str, Counts]:
    """The counts of the kept students, by their letters in pictures, without those that this teacher forbids."""
    from labcore.runs.cache import counted

    kept: dict[str, Counts] = {}
    for name, steps in zip(NAMES, state.pinned(), strict=False):
        with contextlib.suppress(SpecError):
            kept[name] = counted(replace(spec, steps=steps)).student
    return kept


def keep_button(spec: Spec) -> None:
    """Keep the current student for comparison."""
    st.button(
        "Keep to compare",
        key="keep",
        icon=":material/push_pin:",
        on_click=callback(state.pin),
        args=(spec.steps,),
        disabled=spec.steps in state.pinned() or not spec.steps,
        help="Keeps this student beside the next ones that you design: up to four against the teacher.",
    )


def comparison_list(spec: Spec, kept: dict[str, Counts], teacher: Counts) -> None:
    """Each kept student: its letter, its steps, its size, and buttons to take it up again or remove it."""
    for name, steps in zip(NAMES, state.pinned(), strict=False):
        if name not in kept:
            st.caption(f"{name} can't be made of this teacher: {student_in_words(replace(spec, steps=steps))}")
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"kept-{name}"):
            there = replace(spec, steps=steps)
            size = percent(kept[name].total / teacher.total, 1)
            st.markdown(f"**{name}** · :orange[{student_in_words(there)}] · {size} of the teacher")
            st.button(
                "Design from it",
                key=f"take-{name}",
                type="tertiary",
                on_click=callback(state.take),
                args=(there,),
                disabled=not state.allows(there),
            )
            st.button(
                "",
                key=f"drop-{name}",
                type="tertiary",
                icon=":material/close:",
                on_click=callback(state.unpin),
                args=(steps,),
                help="Remove it",
            )
