"""The choice between the teacher and an assistant: a finished student from which the next, smaller one is distilled."""

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
    """The choice between assistant and teacher, if the spec has an assistant; otherwise nothing.

    `assistant_button`, beside a finished student, adds an assistant. A list of all possible ones here would need to
    read every run each time that a slider moves.
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
        label="Teacher or assistant",
        options=[TEACHER, ASSISTANT],
        format_func=names.__getitem__,
        help="A *teacher assistant* is a student of medium size. A small student may learn more from it than from a "
        "far larger teacher. The student is still derived from the teacher and compared with it; only its targets "
        "come from the assistant. If the assistant has no finished run here, it is trained first.",
    )
    show_ineffective(spec, ("assistant",))


def assistant_button(run: Run) -> None:
    """Make a finished student the assistant of the next; not if it has another teacher, or one with replaced files."""
    spec = run.spec
    fits = state.spec().teacher == spec.teacher and len(spec.chain) <= MAX_ASSISTANTS and not state.fixed("assistant")
    if (
        fits
        and teacher_unchanged(run)
        and state.spec().assistant != spec
        and st.button(
            "Use as assistant",
            key="teach",
            icon=":material/school:",
            help="Your next student learns from this one instead of from its teacher.",
        )
    ):
        state.take(replace(state.spec(), task=spec.task, assistant=spec))
        st.switch_page("pages/distil.py")
