"""The exercise's one lesson for all three students."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.exercise.attempt import LESSON, Attempt
from labcore.exercise.rules import config_problem
from labcore.views.words import length_in_words, training_in_words
from ui.exercise.attempts import current, note, noted
from ui.shell import state
from ui.shell.guard import callback


def training_form(attempt: Attempt) -> None:
    """One lesson for all three: only so are they compared by what they are."""
    by_steps = attempt.lesson.steps is not None and attempt.lesson == replace(LESSON, steps=attempt.lesson.steps)
    if by_steps:
        noted(
            st.select_slider,
            "exercise-steps",
            attempt.lesson.steps,
            lambda steps: current().with_distil(replace(current().lesson, steps=steps)),
            label="Lesson of all three, in steps of 32 sentences",
            options=sorted({50, 100, 200, 400, 800, 1600, attempt.lesson.steps or 200}),
            help="The same for all three, so that they are compared by what they are. Long lessons let the small ones "
            "catch up.",
        )
    else:
        st.markdown(f"Lesson of all three: {training_in_words(attempt.lesson)}")
    theirs = replace(state.spec().distil, seed=0)
    with st.container(horizontal=True):
        if attempt.lesson != theirs:
            st.button(
                f"Take the Distil page's lesson ({length_in_words(theirs)}; {training_in_words(theirs)})",
                key="exercise-lesson",
                type="tertiary",
                icon=":material/move_down:",
                on_click=callback(lambda: note(current().with_distil(theirs))),
            )
        if not by_steps:
            st.button(
                "Back to the short lesson",
                key="exercise-usual",
                type="tertiary",
                icon=":material/replay:",
                on_click=callback(lambda: note(current().with_distil(LESSON))),
            )
    if problem := config_problem(attempt):
        st.warning(f"This lesson can't be run here: {problem}.", icon=":material/timer_off:")
