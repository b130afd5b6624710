"""How long a class waits with the current settings, and buttons for shorter ones."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.exercise.attempt import DEFAULT_CONFIG, SLOTS
from labcore.runs.class_time import BUDGETS, class_time, shorter_settings
from labcore.teacher.built_in import has_weights
from labcore.views.start.class_words import class_time_in_words, offer_in_words
from labcore.views.words import rough_duration
from ui.design.counts import counts_of
from ui.shell import server, state
from ui.shell.guard import callback

USUAL_CLASS, LARGEST_CLASS = 30, 500  # people


def show_class_time(spec: Spec, page: str) -> None:
    """Draw the time of a class that trains once with `spec`, or takes the exercise if that is the assignment's page."""
    if not has_weights(spec.teacher):
        st.caption(f":material/schedule: `{spec.teacher}` has no weights here, so your class can count, but not train.")
        return
    people = st.number_input(
        "People in your class",
        min_value=1,
        max_value=LARGEST_CLASS,
        value=USUAL_CLASS,
        key="assignment-people",
        width=240,
    )
    exercise = page == "exercise"
    trained = replace(spec, distil=DEFAULT_CONFIG) if exercise else spec
    counts = counts_of(trained)
    if isinstance(counts, SpecError):
        st.caption("These settings make no student, so there is no time to estimate.")
        return
    each = len(SLOTS) if exercise else 1
    earlier = server.store().finished_runs()
    now = class_time(trained, counts, earlier, people * each)
    st.markdown(f":material/schedule: {class_time_in_words(now, people, each, measured=bool(earlier))}")
    if exercise:
        st.caption("The exercise has its own training. It trains equal students once, so ready students save time.")
        return
    if now.last <= BUDGETS[0]:
        return
    offers = shorter_settings(trained, counts, earlier, people)
    if not offers:
        st.caption(
            f"No training fits into {rough_duration(BUDGETS[-1])}. Choose a smaller student, or let people train in "
            "groups."
        )
        return
    st.markdown("Shorter settings, which change the training length above and on the Distil page:")
    with st.container(horizontal=True):
        for offer in offers:
            st.button(
                offer_in_words(offer),
                key=f"assignment-steps-{offer.spec.distil.steps}",
                icon=":material/timer:",
                on_click=callback(state.take),
                args=(offer.spec,),
                disabled=not state.allows(offer.spec),
            )
