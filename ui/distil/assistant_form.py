"""Who teaches: the teacher, or a student that finished before and now teaches the next, smaller one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.spec import MAX_ASSISTANTS, Spec
from labcore.evaluate.provenance import teacher_unchanged
from labcore.results.run import Run
from labcore.views.teacher_names import short_name
from labcore.views.words import student_in_words, training_in_words
from ui.shell import state
from ui.shell.bound import bound
from ui.shell.notes import show_ineffective

TEACHER, ASSISTANT = "teacher", "assistant"


def assistant_form(spec: Spec) -> None:
    """Who teaches, where an assistant was chosen, and the way back to the teacher; nothing where there is none.

    An assistant is chosen by `assistant_button`, beside a finished student: to look for all that could teach, every run would
    have to be read each time that a slider moves.
    """
    assistant = spec.assistant
    if assistant is None:
        return
    names = {
        TEACHER: f"the teacher, {short_name(spec.teacher)}",
        ASSISTANT: f"an assistant, {student_in_words(assistant)} · {training_in_words(assistant.distil)}",
    }
    bound(
        st.selectbox,
        "assistant",
        ASSISTANT,
        lambda choice: replace(state.spec(), assistant=assistant if choice == ASSISTANT else None),
        control="assistant",
        label="Who teaches",
        options=[TEACHER, ASSISTANT],
        format_func=names.__getitem__,
        help="A small student may learn more from a middle-sized one than from a teacher that is far larger: a *teacher "
        "assistant* stands in between. The student is still derived from the teacher and judged beside it; only the answers "
        "and states that it learns from are the assistant's. It is taught first where it has not been here.",
    )
    show_ineffective(spec, ("assistant",))


def assistant_button(run: Run) -> None:
    """Let a finished student teach the next one; not one of another teacher, or of files that were replaced since."""
    spec = run.spec
    fits = state.spec().teacher == spec.teacher and len(spec.chain) <= MAX_ASSISTANTS and not state.fixed("assistant")
    if (
        fits
        and teacher_unchanged(run)
        and state.spec().assistant != spec
        and st.button(
            "Let it teach",
            key="teach",
            icon=":material/school:",
            help="Make it the assistant that teaches your next student in its teacher's place.",
        )
    ):
        state.take(replace(state.spec(), task=spec.task, assistant=spec))
        st.switch_page("pages/distil.py")
