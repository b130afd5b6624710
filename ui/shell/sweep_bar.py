"""The progress of a sweep of your own: how many runs have finished, and buttons to run what is missing and to stop."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.results.run import Run
from labcore.runs.own_sweep import SweepRuns
from labcore.runs.store import RunNotFound
from labcore.views.distil.time_left import progress
from labcore.views.student_names import student_name
from ui.exercise.waiting_time import show_waiting_time
from ui.shell import server
from ui.shell.guard import escaped, fragment, queued
from ui.shell.owner import acts, mine
from ui.shell.run_events import events_so_far

REFRESH = 1.0  # seconds between two drawings


def sweep_bar(now: SweepRuns, key: str) -> None:
    """Draw how much has finished, and the buttons that run the rest and stop it. key: begins the buttons' keys."""
    active = [run.id for run in now.active]
    st.fragment(fragment(_state), run_every=REFRESH if active else None)(
        key, len(now.finished), len(now.wanted), active
    )
    if now.failed is not None:
        st.error(f"A run failed: {escaped(now.failed.error or 'no reason is known')}", icon=":material/error:")
    if not now.missing:
        return
    possible = show_waiting_time(now.missing)
    label = "Run the sweep" if len(now.missing) == len(now.wanted) else f"Run what is missing ({len(now.missing)})"
    if (
        st.button(
            label, key=f"run-{key}", type="primary", icon=":material/local_fire_department:", disabled=not possible
        )
        and queued(*now.missing) is not None
    ):
        st.rerun()
    st.caption(
        "The runs go on while you use other pages. What waits goes on after a restart of the lab. For a run that was "
        "cut off, press the button again."
    )


def _named(run: Run) -> str:
    """A run of the sweep in the line of its progress."""
    return f"{student_name(run.spec)}, seed {run.spec.distil.seed}"


def _state(key: str, finished: int, wanted: int, was_active: Sequence[str]) -> None:
    """Draw the sweep's progress; the whole page again as soon as a run has ended."""
    store, jobs = server.store(), server.jobs()
    try:
        runs = [store.read(run_id) for run_id in was_active]
    except RunNotFound:  # deleted meanwhile: it is missing, and can be run again
        st.rerun()
    if any(not run.active for run in runs):
        st.rerun()
    running = next((run for run in runs if run.status == "running"), None)
    words = f"{finished} of {wanted} runs finished"
    part = 0.0
    if running is not None:
        current = progress(events_so_far(running.id))
        part = current.fraction if current.words.startswith("Training") else 0.0
        words += f" · {escaped(_named(running))} · {current.words}"
    elif runs:
        words += f" · {len(runs)} queued"
    st.progress(min(1.0, (finished + part) / wanted), words)
    here = [run.id for run in runs if jobs.place(run.id) is not None and mine(run.owner)]
    if here and st.button("Stop the sweep", key=f"stop-{key}", icon=":material/stop_circle:"):
        acts().stop_own(reversed(here))  # the last first, so that none begins meanwhile
        st.rerun()
