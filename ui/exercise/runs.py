"""The exercise's runs: asked for with one click, watched without their results, which wait for all three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import Figures, runs_of
from labcore.exercise.attempt_store import wanted_by_others
from labcore.results.run import FinishedRun, Run
from labcore.runs.store import RunNotFound
from labcore.views.distil.time_left import progress
from labcore.views.words import training_in_words
from ui.distil.live import EVERY
from ui.exercise.attempts import current, note
from ui.shell import state
from ui.shell.guard import callback, escaped, fragment, queued


def run_stage(attempt: Attempt, runs: Sequence[Run], found: Figures | None) -> None:
    """The one button that runs all three, and how far they are. Further seeds are watched where they were asked for."""
    if attempt.begun is None:
        st.markdown(
            f"All three take the same lesson ({training_in_words(attempt.lesson)}), one after another. You may close the page "
            "meanwhile. Results stay hidden until all three have finished."
        )
        if (
            st.button(
                "Run the three students", key="run-three", type="primary", icon=":material/local_fire_department:"
            )
            and begin_runs()
        ):
            st.rerun()
        st.caption("From here on your prediction stands.")
    elif found is not None and found.seeds < attempt.seeds:
        st.caption("Further seeds are on their way: see stage 5.")
    else:
        runs_panel(attempt, runs)


def begin_runs() -> bool:
    """Note that the runs have begun, and queue those that are neither finished nor on their way; False as `queue` has it."""
    attempt = current().begin()
    note(attempt)
    return queue(missing(attempt, state.store().runs()))


def missing(attempt: Attempt, runs: Sequence[Run]) -> list[Spec]:
    """The attempt's specs without a run that has finished or is on its way."""
    there = {run.spec for group in runs_of(attempt, runs) for run in group}
    return [spec for spec in attempt.specs if spec not in there]


def queue(specs: Sequence[Spec]) -> bool:
    """Queue these, in order. False, after a sentence on the page, if the home can't take them."""
    return not specs or queued(*specs) is not None


def runs_panel(attempt: Attempt, runs: Sequence[Run]) -> None:
    """Where each run stands, without its result; what was cut off can be run again."""
    groups = runs_of(attempt, runs)
    rows = [(_name(attempt, slot, run), run.id) for slot, group in enumerate(groups) for run in group]
    active = any(run.active for group in groups for run in group)
    st.fragment(fragment(_look), run_every=EVERY if active else None)(rows, active)
    lacking = missing(attempt, runs)
    if lacking and not active:
        _why(lacking, runs)
        with st.container(horizontal=True):
            if st.button(
                f"Run what is missing ({len(lacking)})", key="run-missing", icon=":material/replay:"
            ) and queue(lacking):
                st.rerun()
            if attempt.seeds > 1:
                st.button(
                    "Leave the further seeds out",
                    key="one-seed",
                    on_click=callback(lambda: note(replace(current(), seeds=1))),
                )


def _name(attempt: Attempt, slot: int, run: Run) -> str:
    return f"**{SLOTS[slot]}**" + (f", seed {run.spec.distil.seed}" if attempt.seeds > 1 else "")


def _look(rows: Sequence[tuple[str, str]], was_active: bool) -> None:
    jobs, store = state.jobs(), state.store()
    ours: list[Run] = []
    going = False
    for name, run_id in rows:
        try:
            run = store.read(run_id)
        except RunNotFound:  # deleted meanwhile: it is missing, and can be run again
            continue
        going = going or run.active
        place = jobs.place(run_id)
        if run.active and place is not None:
            ours.append(run)
        if run.status == "running":
            now = progress(list(store.events(run_id)), run.spec.distil.seconds)
            st.progress(now.share, f"{name}: {now.words}")
        elif run.active:
            ahead = "1 run" if place == 1 else f"{place} runs" if place else "another run"
            st.markdown(f":material/hourglass_top: {name} waits: {ahead} before it")
        elif isinstance(run, FinishedRun):
            st.markdown(f":material/check_circle: {name} has finished")
        else:
            st.markdown(f":material/cancel: {name} ended without a result")
    if was_active and not going:
        st.rerun()  # a fragment can't end its own timer
    _stop_button(ours)


def _stop_button(ours: Sequence[Run]) -> None:
    """Stop what runs; what another attempt waits for, too, only once that was said."""
    if not ours:
        return
    if st.button("Stop", key="stop-three", icon=":material/stop_circle:"):
        shared = wanted_by_others(current(), state.store())
        _stop([run for run in ours if run.spec not in shared])
        st.session_state.stop_shared = {run.id for run in ours if run.spec in shared}
    shared_runs = [run for run in ours if run.id in st.session_state.get("stop_shared", ())]
    if shared_runs:
        st.warning(
            f"Another exercise on this server waits for {'this run' if len(shared_runs) == 1 else 'these runs'}, too.",
            icon=":material/groups:",
        )
        st.button("Stop all the same", key="stop-shared", on_click=callback(_stop), args=(shared_runs,))


def _stop(runs: Sequence[Run]) -> None:
    for run in reversed(runs):  # the last first, so that none begins meanwhile
        state.jobs().stop(run.id)


def _why(lacking: Sequence[Spec], runs: Sequence[Run]) -> None:
    """Why runs that were asked for have no result."""
    for spec in lacking:
        last = next((run for run in runs if run.spec == spec), None)
        if last is not None and last.status == "failed":
            st.error(f"A run failed: {escaped(last.error or 'no reason is known')}")
            return
    st.warning("Not all runs are there: they were stopped, or cut off when the server ended.")
