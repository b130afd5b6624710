"""A run as it goes: progress, stop, and curves that grow in place. Draws what the store holds; holds no job."""

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

EVERY = 1.0  # seconds between two looks at a run that goes on


def watch(run_id: str | None) -> None:
    """Show the run of this id, as long as it goes on once a second; an empty state where there is none."""
    if run_id is None:
        st.info("No run yet. Set the weights and press *Distil*: the curves grow here while the student learns.")
        return
    try:
        run = state.store().read(run_id)
    except RunNotFound:
        if (shipped := reference_run(run_id)) is not None:
            st.markdown(f":orange[**{student_in_words(shipped.spec)}**]")
            st.info("This result ships with the lab; its curves do not. Press *Distil* to run it yourself.")
            result_figures(shipped)
            return
        if not state.store().reachable():
            st.warning("This run can't be read while the home can't be used.", icon=":material/hard_drive:")
            return
        st.warning(f"There is no run `{run_id}` in this lab; it may be another server's. Start one of your own.")
        return
    going = (
        run.active or state.jobs().place(run_id) is not None
    )  # what failed is in the queue until its student is kept
    st.fragment(fragment(_look), run_every=EVERY if going else None)(run_id, going)


def _look(run_id: str, was_going: bool) -> None:
    queued_still = state.jobs().place(run_id) is not None
    run = state.store().read(run_id)
    if was_going and not run.active and not queued_still:
        st.rerun()  # a fragment can't end its own timer
    st.markdown(f":orange[**{student_in_words(run.spec)}**], taught by {teacher_in_words(run.spec)} · run `{run.id}`")
    st.caption(f"Lesson: {training_in_words(run.spec.distil)}")
    if run.spec.teacher != state.spec().teacher:  # which the page names beside it
        show_where(run.spec)
    show_changed(run)
    events = list(state.store().events(run_id))
    with st.container(key="standing"):  # as high while it learns as when it ends: the curves below stay where they are
        if run.active:
            _active(run, progress(events, run.spec.distil.seconds) if run.status == "running" else None)
        elif isinstance(run, FinishedRun):
            result_figures(run)
        elif not unsaved_panel(run):
            _ended_early(run)
        _ways_on(run)
    training_charts(run, events)
    if isinstance(run, FinishedRun):
        if words := early_end(run.spec.distil, events):
            st.info(words, icon=":material/flag:")
        seed_panel(run)


def _active(run: Run, now: Progress | None) -> None:
    """Where the run stands, and the way to stop it."""
    jobs = state.jobs()
    place = jobs.place(run.id)
    if now is not None:
        st.container(key="progress").progress(now.share, now.words)
    elif place:
        ahead = "1 run is" if place == 1 else f"{place} runs are"
        st.info(f"In the queue: {ahead} before this one. It begins by itself.", icon=":material/hourglass_top:")
    else:
        st.container(key="progress").progress(0.0, "Beginning")
    if place is None:
        st.caption("Another process of this lab trains this run.")


def _ways_on(run: Run) -> None:
    """What can be done with the run as it stands, in a row."""
    jobs = state.jobs()
    with st.container(horizontal=True):
        if run.active and jobs.stopping(run.id):
            st.button("Stopping after this step", key="stop", icon=":material/stop_circle:", disabled=True)
        elif jobs.place(run.id) is not None:
            st.button("Stop", key="stop", icon=":material/stop_circle:", on_click=callback(jobs.stop), args=(run.id,))
        if isinstance(run, FinishedRun) and st.button("Judge it", key="to-judge", icon=":material/gavel:"):
            st.switch_page("pages/evaluate.py")
        if isinstance(run, FinishedRun) and st.button(
            "See it on the frontier", key="to-frontier", icon=":material/scatter_plot:"
        ):
            st.switch_page("pages/frontier.py")
        if isinstance(run, FinishedRun):
            assistant_button(run)
        again = not run.active and not isinstance(run, FinishedRun) and jobs.unsaved(run.id) is None and is_here(run.spec)
        if (
            again
            and st.button("Run it again", key="again", icon=":material/replay:")
            and (begun := queued(run.spec)) is not None
        ):
            state.show_run(begun)
            st.rerun()
        if run.spec != state.spec() and st.button("Take its settings", key="take", icon=":material/move_down:"):
            state.take(run.spec)
            st.rerun()


def _ended_early(run: Run) -> None:
    """Why there is no result."""
    if run.status == "failed":
        st.error(f"This run failed: {escaped(run.error or 'no reason is known')}")
    elif run.status == "stopped":
        st.warning("This run was stopped. What it measured stays here; its student was not kept.")
    else:
        st.warning("This run was cut off when its server ended. What it measured stays here; its student was not kept.")
