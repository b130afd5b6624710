"""The exercise's first stage: a teacher, three students of it, and one lesson for all three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.exercise.attempt import LESSON, SLOTS, Attempt
from labcore.exercise.ready import READY
from labcore.exercise.rules import APART, design_problems, lesson_problem
from labcore.exercise.stages import ratios
from labcore.record import Comparison
from labcore.steps import Step
from labcore.teacher.architecture import BUILT_IN
from labcore.views.words import length_in_words, lesson_in_words, percent, student_in_words
from ui import state
from ui.attempts import current, note, noted

Comparisons = Sequence[Comparison | str | None]
HERE, OWN = "the student on the Design page", "a design of your own"


def design_stage(attempt: Attempt, comparisons: Comparisons) -> None:
    """The teacher, three slots and their sizes, and the lesson of all three."""
    st.markdown(
        f"Take three students that are smaller than their teacher, at least {100 * APART:g} points of its size apart: one "
        "light, one heavy, one between, say. Take ready ones, or what you made on the *Design* page."
    )
    noted(
        st.selectbox,
        "exercise-teacher",
        attempt.teacher,
        lambda teacher: current().with_teacher(teacher),
        label="Teacher",
        options=list(BUILT_IN),
        help="All can be counted. Those of the lab have weights, so their students can be taught, too: " + ", ".join(
            name for name in BUILT_IN if replace(attempt, teacher=name).can_run
        ) + ".",
    )  # fmt: skip
    for i, place in enumerate(st.columns(len(SLOTS))):
        with place.container(border=True, height="stretch"):
            _card(attempt, i, comparisons[i])
    st.caption(f"On the Design page now: {student_in_words(state.spec())}.")
    _lesson(attempt)
    begun = any(slot.steps is not None for slot in attempt.slots)
    for problem in design_problems(ratios(comparisons)) if begun else []:
        if not problem.endswith("take a student"):
            st.warning(problem, icon=":material/straighten:")


def _card(attempt: Attempt, slot: int, comparison: Comparison | str | None) -> None:
    name, steps = SLOTS[slot], attempt.slots[slot].steps
    st.markdown(f"## Student {name}")
    held = next((ready for ready, its in READY.items() if its == steps), OWN if steps is not None else None)
    made: dict[str, tuple[Step, ...]] = {**READY, HERE: state.spec().steps} | ({} if steps is None else {OWN: steps})
    noted(
        st.selectbox,
        f"slot-{name}",
        held,
        lambda choice: current().with_student(slot, made[choice]),
        label=f"Student {name}",
        label_visibility="collapsed",
        options=[*READY, HERE, *([OWN] if held == OWN else [])],
        index=None,
        placeholder="Take a student…",
    )
    if steps is None:
        return
    st.markdown(f":orange[{student_in_words(attempt.spec(slot))}]")
    if isinstance(comparison, Comparison):
        st.markdown(f"about **{percent(comparison.ratio)}** of the teacher")
    if st.button("Change it on the Design page", key=f"design-{name}", type="tertiary", icon=":material/architecture:"):
        state.change(replace(attempt.spec(slot), distil=state.spec().distil))
        st.switch_page("pages/design.py")


def _lesson(attempt: Attempt) -> None:
    """One lesson for all three: only so are they compared by what they are."""
    by_steps = attempt.lesson.steps is not None and attempt.lesson == replace(LESSON, steps=attempt.lesson.steps)
    if by_steps:
        noted(
            st.select_slider,
            "exercise-steps",
            attempt.lesson.steps,
            lambda steps: current().with_lesson(replace(current().lesson, steps=steps)),
            label="Lesson of all three, in steps of 32 sentences",
            options=sorted({50, 100, 200, 400, 800, 1600, attempt.lesson.steps or 200}),
            help="The same for all three, so that they are compared by what they are. 200 steps are about a minute each on two "
            "cores; long lessons let the small ones catch up.",
        )
    else:
        st.markdown(f"Lesson of all three: {lesson_in_words(attempt.lesson)}")
    theirs = replace(state.spec().distil, seed=0)
    with st.container(horizontal=True):
        if attempt.lesson != theirs:
            st.button(
                f"Take the Distil page's lesson ({length_in_words(theirs)}; {lesson_in_words(theirs)})",
                key="exercise-lesson",
                type="tertiary",
                icon=":material/move_down:",
                on_click=lambda: note(current().with_lesson(theirs)),
            )
        if not by_steps:
            st.button(
                "Back to the short lesson",
                key="exercise-usual",
                type="tertiary",
                icon=":material/replay:",
                on_click=lambda: note(current().with_lesson(LESSON)),
            )
    if (problem := lesson_problem(attempt)) and attempt.can_run:
        st.warning(f"This lesson can't be handed in: {problem}.", icon=":material/timer_off:")
