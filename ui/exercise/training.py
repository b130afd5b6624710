"""The exercise's one training configuration for all three students."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.exercise.attempt import DEFAULT_CONFIG, Attempt
from labcore.exercise.rules import config_problem
from labcore.views.words import training_in_words
from ui.exercise.attempts import bound_to_attempt, change, current
from ui.shell import state
from ui.shell.guard import callback


def training_form(attempt: Attempt) -> None:
    """One training configuration for all three, so that only their shapes differ."""
    config = attempt.config
    only_length = config.steps is not None and config == replace(DEFAULT_CONFIG, steps=config.steps)
    if only_length:
        bound_to_attempt(
            st.select_slider,
            "exercise-steps",
            config.steps,
            lambda steps: current().with_config(replace(current().config, steps=steps)),
            label=f"Training of all three, in steps of {config.batch_size} examples",
            options=sorted({50, 100, 200, 400, 800, 1600, config.steps or 200}),
            help="It is the same for all three, so that you compare their shapes alone. Small students catch up in a "
            "long training.",
        )
    else:
        st.markdown(f"Training configuration of all three: {training_in_words(config)}")
    distil_page = replace(state.spec().distil, seed=0)
    with st.container(horizontal=True):
        if config != distil_page:
            st.button(
                f"Copy the Distil page's settings ({training_in_words(distil_page)})",
                key="exercise-copy",
                type="tertiary",
                icon=":material/move_down:",
                on_click=callback(lambda: change(lambda: current().with_config(distil_page))),
            )
        if not only_length:
            st.button(
                "Back to the short training",
                key="exercise-usual",
                type="tertiary",
                icon=":material/replay:",
                on_click=callback(lambda: change(lambda: current().with_config(DEFAULT_CONFIG))),
            )
    if problem := config_problem(attempt):
        st.warning(f"These training settings do not work here: {problem}.", icon=":material/timer_off:")
