"""Where a run begins and ends: *Distil*, what the run does now, and *Stop*, in one row that stays in view."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.results.events import Event
from labcore.results.run import FinishedRun, Run
from labcore.views.distil.time_left import progress
from labcore.views.words import duration
from ui.shell import server, state
from ui.shell.attention import bring_into_view
from ui.shell.guard import callback, queued
from ui.shell.owner import acts, why_not
from ui.shell.queue_notes import follows, leave, place_of, refusal, show_reason

RUN_VIEW = "run-view"  # the container of this bar and of the charts that a run fills first


def run_bar(run: Run | None, events: Sequence[Event], *, ready: bool) -> None:
    """Draw the bar for the run that the page shows, or for none. ready: whether the page's spec can be distilled."""
    with st.container(key="run-bar", horizontal=True, vertical_alignment="center"):
        why = refusal(state.spec()) if ready else None
        _distil(run, ready and why is None)
        with st.container(key="run-state"):
            _state(run, events)
            if why is not None or run is None or not run.active:  # else the run's own line states a pause
                show_reason(why)
        _stop(run)


def _distil(run: Run | None, ready: bool) -> None:
    """The button that begins a run of the page's spec, once: a second press while it is active starts no other."""
    if not st.button(
        "Distil", key="distil", type="primary", icon=":material/local_fire_department:", disabled=not ready
    ):
        return
    if run is not None and run.active and run.spec == state.spec():
        st.toast("This run has begun already. To run it once more, change its seed.")
    elif (run_id := queued(state.spec())) is not None:
        state.show_run(run_id)
        bring_into_view(RUN_VIEW)
        st.rerun()


def _state(run: Run | None, events: Sequence[Event]) -> None:
    """One line, or the progress of an active run."""
    if run is None:
        st.caption("No run yet. Set the loss, then press *Distil*.")
    elif not run.active:
        took = f" in {duration(run.result.seconds)}" if isinstance(run, FinishedRun) else ""
        st.caption(f"{run.status.capitalize()}{took}.")
    elif run.status == "running":
        now = progress(events, run.spec.distil.seconds)
        st.progress(now.fraction, now.words)
    elif (words := place_of(run.id)) is not None:
        st.info(words, icon=":material/hourglass_top:")
    else:
        st.progress(0.0, "Starting")


def _stop(run: Run | None) -> None:
    """The button that stops an active run of this process."""
    if run is None:
        return
    jobs = server.jobs()
    if run.active and jobs.stopping(run.id):
        st.button("Stopping after this step", key="stop", icon=":material/stop_circle:", disabled=True)
    elif follows(run.owner, run.id):
        st.button("Don't wait for it", key="leave", icon=":material/logout:", on_click=callback(leave), args=(run.id,))
    elif (place := jobs.place(run.id)) is not None:
        why = why_not(run.owner, "run", "stop")
        st.button(
            "Cancel" if place else "Stop",
            key="stop",
            icon=":material/stop_circle:",
            disabled=why is not None,
            help=why,
            on_click=callback(acts().stop),
            args=(run.id,),
        )
