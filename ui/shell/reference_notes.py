"""What the pages with reference results share: their origin, a button to run one yourself, and your own runs."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec
from labcore.evaluate.reference import ReferenceResults
from labcore.results.run import finished_runs
from labcore.views.words import student_in_words, training_in_words
from ui.shell import server, state
from ui.shell.guard import queued
from ui.shell.runs_list import runs_list


def no_reference_results(name: str) -> None:
    """Draw the empty state of a lab without these reference results."""
    st.info(
        f"This lab has no reference results for this page. `python -m labcore sweep {name}` makes them.",
        icon=":material/inventory_2:",
    )


def origin(reference: ReferenceResults) -> None:
    """Draw the origin of the page's figures."""
    st.caption(f":material/inventory_2: These reference results come with the lab, {reference.origin}.")


def run_yourself(spec: Spec, label: str, key: str = "run-yourself") -> None:
    """Draw a button that runs a spec of the reference results here, and what the run does."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            label,
            key=key,
            type="primary",
            icon=":material/local_fire_department:",
            disabled=not state.allows(spec),
        ):
            state.take(spec)
            if (begun := queued(spec)) is not None:
                state.show_run(begun)
                st.switch_page("pages/distil.py")
        st.caption(
            f"{student_in_words(spec)}, distilled from {spec.teacher}: {training_in_words(spec.distil)}. "
            "The *Distil* page shows the run as soon as the runs before it have ended."
        )


def own_runs(task: str) -> None:
    """Draw the finished runs of this task on this lab as a table; nothing if there are none."""
    finished = [run for run in finished_runs(server.store().runs()) if run.spec.task == task]
    if finished:
        with st.expander(f"Runs made here ({len(finished)})", icon=":material/table:"):
            runs_list(finished)
