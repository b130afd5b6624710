"""The exercise's first stage: a teacher and three students of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.steps import Step
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.ready_students import READY
from labcore.exercise.rules import APART, size_problems
from labcore.exercise.stages import ratios
from labcore.exercise.student_comparisons import SlotComparison
from labcore.results.counts import Comparison
from labcore.teacher.built_in import BUILT_IN
from labcore.views.teacher_names import in_markdown, own_in_words, short_names
from labcore.views.words import percent, student_in_words
from ui.exercise.attempts import bound_to_attempt, current
from ui.exercise.slot_on_design import design_button
from ui.shell import state
from ui.shell.listed import listed_teachers

HERE, OWN = "the student on the Design page", "a design of your own"


def design_stage(attempt: Attempt, comparisons: Sequence[SlotComparison]) -> None:
    """The teacher, and three slots with their sizes."""
    st.markdown(
        f"Choose three students that are smaller than their teacher, with sizes at least {100 * APART:g} points apart: "
        "for example a light, a middle and a heavy compression. Use ready students, or your own from the *Design* page."
    )
    trainable = ", ".join(name for name in BUILT_IN if replace(attempt, teacher=name).can_run)
    own = {each.name: each for each in listed_teachers()}
    names = short_names([*BUILT_IN, *own])
    bound_to_attempt(
        st.selectbox,
        "exercise-teacher",
        attempt.teacher,
        lambda teacher: current().with_teacher(teacher),
        label="Teacher",
        options=[*BUILT_IN, *own],
        format_func=lambda name: own_in_words(names[name], own[name].task) if name in own else str(name),
        help="You can count all of them. These have weights here, so you can also train their students: "
        f"{trainable}, and teachers of your own from the page *Data*.",
    )
    for i, column in enumerate(st.columns(len(SLOTS))):
        with column.container(border=True, height="stretch"):
            _card(attempt, i, comparisons[i])
    here, teacher_note = state.spec(), ""
    if here.teacher not in (*BUILT_IN, attempt.teacher):
        teacher_note = (
            f" Its teacher there is {in_markdown(here.teacher)}; the exercise applies the steps to the teacher chosen "
            "here."
        )
    st.caption(f"On the Design page now: {student_in_words(here)}.{teacher_note}")
    for problem in size_problems(ratios(comparisons)):
        st.warning(problem, icon=":material/straighten:")


def _card(attempt: Attempt, slot: int, comparison: SlotComparison) -> None:
    name, steps = SLOTS[slot], attempt.slots[slot].steps
    st.markdown(f"## Student {name}")
    held = next((ready for ready, each in READY.items() if each == steps), OWN if steps is not None else None)
    choices: dict[str, tuple[Step, ...]] = {**READY, HERE: state.spec().steps} | ({} if steps is None else {OWN: steps})
    bound_to_attempt(
        st.selectbox,
        f"slot-{name}",
        held,
        lambda choice: current().with_student(slot, choices[choice]),
        label=f"Student {name}",
        label_visibility="collapsed",
        options=[*READY, HERE, *([OWN] if held == OWN else [])],
        index=None,
        placeholder="Choose a student…",
    )
    if steps is None:
        return
    st.markdown(f":orange[{student_in_words(attempt.spec(slot))}]")
    if isinstance(comparison, Comparison):
        st.markdown(f"about **{percent(comparison.ratio)}** of the teacher")
    design_button(attempt, slot)
