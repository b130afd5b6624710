"""A run as it goes: progress, stop, and curves that grow in place. Draws what the store holds; holds no job itself."""

from __future__ import annotations

import streamlit as st

from labcore.evaluate.reference import reference_run
from labcore.results.run import FinishedRun, Run
from labcore.runs.store import RunNotFound
from labcore.views.distil.time_left import Progress, early_end, progress
from labcore.views.words import student_in_words, teacher_in_words, training_in_words
from ui.distil.assistant_form import assistant_button
from ui.distil.result import result_figures
from ui.distil.seeds import seed_panel
from ui.distil.training_charts import training_charts
from ui.shell import state
from ui.shell.guard import callback, escaped, fragment, queued
from ui.shell.save_again import unsaved_panel
from ui.shell.teacher_notes import is_here, show_changed, show_where

REFRESH = 1.0  # seconds between two drawings of an active run


def watch(run_id: str | None) -> None:
    """Show the run with this id, every second while it is active; without a run, what to do."""
    if run_id is None:
        st.info("No run yet. Set the weights and press *Distil*: the curves appear here while the student is trained.")
        return
    try:
        run = state.store().read(run_id)
    except RunNotFound:
        if (shipped := reference_run(run_id)) is not None:
            st.markdown(f":orange[**{student_in_words(shipped.spec)}**]")
            st.info("This result comes with the lab, without its curves. Press *Distil* to run it yourself.")
            result_figures(shipped)
            return
        if not state.store().reachable():
            st.warning("This run can't be read while the home can't be used.", icon=":material/hard_drive:")
            return
        st.warning(f"This lab has no run `{run_id}`; it may be on another server. You can start one here.")
        return
    # A run whose student could not be saved stays in the queue.
    active = run.active or state.jobs().place(run_id) is not None
    st.fragment(fragment(_show), run_every=REFRESH if active else None)(run_id, active)


def _show(run_id: str, was_active: bool) -> None:
    still_queued = state.jobs().place(run_id) is not None
    run = state.store().read(run_id)
    if was_active and not run.active and not still_queued:
        st.rerun()  # a fragment can't end its own timer
    st.markdown(
        f":orange[**{student_in_words(run.spec)}**], distilled from {teacher_in_words(run.spec)} · run `{run.id}`"
    )
    st.caption(f"Training: {training_in_words(run.spec.distil)}")
    if run.spec.teacher != state.spec().teacher:  # the page names that one beside the controls
        show_where(run.spec)
    show_changed(run)
    events = list(state.store().events(run_id))
    with st.container(key="standing"):  # of one height, active or finished, so that the curves below do not move
        if run.active:
            _active(run, progress(events, run.spec.distil.seconds) if run.status == "running" else None)
        elif isinstance(run, FinishedRun):
            result_figures(run)
        elif not unsaved_panel(run):
            _ended_early(run)
        _next_steps(run)
    training_charts(run, events)
    if isinstance(run, FinishedRun):
        if words := early_end(run.spec.distil, events):
            st.info(words, icon=":material/flag:")
        seed_panel(run)


def _active(run: Run, now: Progress | None) -> None:
    """The progress of an active run, or its place in the queue."""
    jobs = state.jobs()
    place = jobs.place(run.id)
    if now is not None:
        st.container(key="progress").progress(now.fraction, now.words)
    elif place:
        ahead = "1 run is" if place == 1 else f"{place} runs are"
        st.info(f"In the queue: {ahead} before this one. It starts by itself.", icon=":material/hourglass_top:")
    else:
        st.container(key="progress").progress(0.0, "Starting")
    if place is None:
        st.caption("Another process of this lab trains this run.")


def _next_steps(run: Run) -> None:
    """What you can do with the run now, in a row."""
    jobs = state.jobs()
    with st.container(horizontal=True):
        if run.active and jobs.stopping(run.id):
            st.button("Stopping after this step", key="stop", icon=":material/stop_circle:", disabled=True)
        elif jobs.place(run.id) is not None:
            st.button("Stop", key="stop", icon=":material/stop_circle:", on_click=callback(jobs.stop), args=(run.id,))
        if isinstance(run, FinishedRun) and st.button("Evaluate it", key="to-evaluate", icon=":material/fact_check:"):
            st.switch_page("pages/evaluate.py")
        if isinstance(run, FinishedRun) and st.button(
            "See it on the frontier", key="to-frontier", icon=":material/scatter_plot:"
        ):
            st.switch_page("pages/frontier.py")
        if isinstance(run, FinishedRun):
            assistant_button(run)
        again = (
            not run.active and not isinstance(run, FinishedRun) and jobs.unsaved(run.id) is None and is_here(run.spec)
        )
        if (
            again
            and st.button("Run it again", key="again", icon=":material/replay:")
            and (run_id := queued(run.spec)) is not None
        ):
            state.show_run(run_id)
            st.rerun()
        if run.spec != state.spec() and st.button("Copy its settings", key="take", icon=":material/move_down:"):
            state.take(run.spec)
            st.rerun()


def _ended_early(run: Run) -> None:
    """Why there is no result."""
    if run.status == "failed":
        st.error(f"This run failed: {escaped(run.error or 'unknown reason')}")
    elif run.status == "stopped":
        st.warning("This run was stopped. Its measurements stay here; its student was not saved.")
    else:
        st.warning(
            "This run was interrupted when its server ended. Its measurements stay here; its student was not saved."
        )
