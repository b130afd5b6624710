"""Who teaches: the teacher, or a student that finished before and now teaches the next, smaller one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.runs.baselines import is_baseline
from labcore.spec import MAX_ASSISTANTS, Spec
from labcore.views.words import lesson_in_words, student_in_words
from ui import state
from ui.bound import bound

MOST_SHOWN = 20
TEACHER = ""  # the choice that no student teaches; an assistant's is its spec as JSON


def guide_form(spec: Spec) -> None:
    """Choose an assistant among the finished students of the same teacher and task; nothing where there is none."""
    there = {each.to_json(): each for each in _assistants(spec)}
    chosen = spec.assistant.to_json() if spec.assistant else TEACHER
    if not there and chosen == TEACHER:
        return

    def described(choice: str) -> str:
        if choice == TEACHER:
            return f"the teacher, {spec.teacher}"
        assistant = Spec.from_json(choice)
        waits = "" if choice in there else " (taught first)"
        return f"assistant: {student_in_words(assistant)} · {lesson_in_words(assistant.distil)}{waits}"

    bound(
        st.selectbox,
        "assistant",
        chosen,
        lambda choice: replace(state.spec(), assistant=None if choice == TEACHER else Spec.from_json(choice)),
        control="assistant",
        label="Who teaches",
        options=list(dict.fromkeys((TEACHER, *there, chosen))),  # a link may bring an assistant along
        format_func=described,
        help="A small student may learn more from a middle-sized one than from a teacher that is far larger: a *teacher "
        "assistant* stands in between. The student is still derived from the teacher and judged beside it; only the answers "
        "and states that it learns from are the assistant's.",
    )


def teach_button(spec: Spec) -> None:
    """Let a finished student teach the next one."""
    fits = state.spec().teacher == spec.teacher and len(spec.chain) <= MAX_ASSISTANTS and not state.fixed("assistant")
    if (
        fits
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


def _assistants(spec: Spec) -> list[Spec]:
    """Specs of finished students that could teach this one, the newest first, each once."""
    found = [
        run.spec
        for run in state.store().runs()
        if run.status == "finished" and (run.spec.teacher, run.spec.task) == (spec.teacher, spec.task)
    ]
    others = [each for each in found if replace(each, assistant=None) != replace(spec, assistant=None)]
    return [each for each in dict.fromkeys(others) if not is_baseline(each) and len(each.chain) <= MAX_ASSISTANTS][
        :MOST_SHOWN
    ]
