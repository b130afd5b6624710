"""What the lessons' pages share: where their figures come from, the way to one's own run, and what one ran before."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec
from labcore.evaluate.reference import ReferenceResults
from labcore.views.tables import runs_table
from labcore.views.words import student_in_words, training_in_words
from ui.shell import state
from ui.shell.address import write_link
from ui.shell.guard import queued


def no_reference_results(name: str) -> None:
    """An empty state for a lab without this recording."""
    st.info(
        f"This lab is without the recorded figures of this page. `python -m labcore sweep {name}` makes them.",
        icon=":material/inventory_2:",
    )
    write_link()


def origin(recording: ReferenceResults) -> None:
    """Where the page's figures come from."""
    st.caption(f":material/inventory_2: These figures ship with the lab, {recording.origin}.")


def run_yourself(spec: Spec, label: str, key: str = "run-yourself") -> None:
    """A button that runs a recorded spec here, and what it will do."""
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
                state.look_at(begun)
                st.switch_page("pages/distil.py")
        st.caption(
            f"{student_in_words(spec)}, taught by {spec.teacher}: {training_in_words(spec.distil)}. "
            "You see it learn on the *Distil* page, once no other run is before it."
        )


def own_runs(task: str) -> None:
    """The finished runs of this task that were made here, as a table; nothing where there are none."""
    finished = [run for run in state.store().runs() if run.spec.task == task and run.result is not None]
    if finished:
        with st.expander(f"Runs made here ({len(finished)})", icon=":material/table:"):
            st.dataframe(runs_table(finished), hide_index=True)
