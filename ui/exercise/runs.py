"""The exercise's runs: requested with one click, and watched without results until all three have finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, runs_of
from labcore.exercise.attempt_store import specs_of_others
from labcore.results.run import FinishedRun, Run
from labcore.runs.store import RunNotFound
from labcore.views.distil.time_left import progress
from labcore.views.words import training_in_words
from ui.distil.live import REFRESH
from ui.exercise.attempts import current, update
from ui.exercise.waiting_time import show_waiting_time
from ui.shell import server
from ui.shell.guard import callback, escaped, fragment, queued
from ui.shell.owner import acts, mine
from ui.shell.queue_notes import place_of
from ui.shell.run_events import events_so_far


def run_stage(attempt: Attempt, runs: Sequence[Run], results: AttemptResults | None) -> None:
    """The button that runs all three, and their progress. Further seeds are watched in the stage that requests them."""
    if attempt.begun is None:
        st.markdown(
            f"All three are trained with the same configuration ({training_in_words(attempt.config)}), one after "
            "another. You may close the page meanwhile. This page shows results once all three have finished."
        )
        possible = show_waiting_time(missing(attempt, runs))
        pressed = st.button(
            "Run the three students",
            key="run-three",
            type="primary",
            icon=":material/local_fire_department:",
            disabled=not possible,
        )
        if pressed and begin_runs():
            st.rerun()
        st.caption("This makes your prediction final.")
    elif results is not None and results.seeds < attempt.seeds:
        st.caption("Further seeds are running: see stage 5.")
    else:
        runs_panel(attempt, runs)


def begin_runs() -> bool:
    """Note that the runs have begun, and queue those that are neither finished nor active; False as from `queue`."""
    attempt = update(lambda: current().begin())
    return queue(unfinished(attempt, server.store().runs()))


def missing(attempt: Attempt, runs: Sequence[Run]) -> list[Spec]:
    """The attempt's specs without a finished or active run."""
    there = {run.spec for group in runs_of(attempt, runs) for run in group}
    return [spec for spec in attempt.specs if spec not in there]


def unfinished(attempt: Attempt, runs: Sequence[Run]) -> list[Spec]:
    """The attempt's specs without a finished run. One that somebody else waits for is queued too, and so shared."""
    there = {run.spec for group in runs_of(attempt, runs) for run in group if isinstance(run, FinishedRun)}
    return [spec for spec in attempt.specs if spec not in there]


def queue(specs: Sequence[Spec]) -> bool:
    """Queue these, in order. False, after a sentence on the page, if the home can't hold them."""
    return not specs or queued(*specs) is not None


def runs_panel(attempt: Attempt, runs: Sequence[Run]) -> None:
    """The state of each run, without its result, and a button to repeat runs that ended early."""
    groups = runs_of(attempt, runs)
    rows = [(_name(attempt, slot, run), run.id) for slot, group in enumerate(groups) for run in group]
    active = any(run.active for group in groups for run in group)
    st.fragment(fragment(_run_states), run_every=REFRESH if active else None)(rows, active)
    lacking = missing(attempt, runs)
    if lacking and not active:
        _show_reason(lacking, runs)
        possible = show_waiting_time(lacking)
        with st.container(horizontal=True):
            label, icon = f"Run what is missing ({len(lacking)})", ":material/replay:"
            if st.button(label, key="run-missing", icon=icon, disabled=not possible) and queue(lacking):
                st.rerun()
            if attempt.seeds > 1:
                st.button(
                    "Leave out the further seeds",
                    key="one-seed",
                    on_click=callback(lambda: update(lambda: replace(current(), seeds=1))),
                )


def _name(attempt: Attempt, slot: int, run: Run) -> str:
    return f"**{SLOTS[slot]}**" + (f", seed {run.spec.distil.seed}" if attempt.seeds > 1 else "")


def _run_states(rows: Sequence[tuple[str, str]], was_active: bool) -> None:
    store = server.store()
    runs: list[Run] = []
    for name, run_id in rows:
        try:
            run = store.read(run_id)
        except RunNotFound:  # deleted meanwhile: it is missing, and can be run again
            continue
        runs.append(run)
        _run_state(name, run)
    if was_active and not any(run.active for run in runs):
        st.rerun()  # a fragment can't end its own timer
    _stop_button([run for run in runs if run.active and server.jobs().place(run.id) is not None and mine(run.owner)])


def _run_state(name: str, run: Run) -> None:
    if run.status == "running":
        now = progress(events_so_far(run.id), run.spec.distil.seconds)
        st.progress(now.fraction, f"{name}: {now.words}")
    elif run.active:
        st.markdown(f":material/hourglass_top: {name} waits: {place_of(run.id) or 'it begins now.'}")
    elif isinstance(run, FinishedRun):
        st.markdown(f":material/check_circle: {name} has finished")
    else:
        st.markdown(f":material/cancel: {name} ended without a result")


def _stop_button(own: Sequence[Run]) -> None:
    """Stop the person's runs on this server; for a run that another attempt waits for, a second button asks first."""
    if not own:
        return
    if st.button("Stop", key="stop-three", icon=":material/stop_circle:"):
        shared = specs_of_others(current(), server.store())
        _stop([run for run in own if run.spec not in shared])
        st.session_state.stop_shared = {run.id for run in own if run.spec in shared}
    shared_runs = [run for run in own if run.id in st.session_state.get("stop_shared", ())]
    if shared_runs:
        st.warning(
            f"Another exercise on this server waits for {'this run' if len(shared_runs) == 1 else 'these runs'}, too.",
            icon=":material/groups:",
        )
        st.button("Stop all the same", key="stop-shared", on_click=callback(_stop), args=(shared_runs,))


def _stop(runs: Sequence[Run]) -> None:
    acts().stop_own(run.id for run in reversed(runs))  # the last first, so that none begins meanwhile


def _show_reason(lacking: Sequence[Spec], runs: Sequence[Run]) -> None:
    """Show why requested runs have no result."""
    for spec in lacking:
        last = next((run for run in runs if run.spec == spec), None)
        if last is not None and last.status == "failed":
            st.error(f"A run failed: {escaped(last.error or 'no reason is known')}")
            return
    st.warning("Some runs have no result: they were stopped, or the server ended before them.")
