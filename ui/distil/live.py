"""A run as it goes: the bar, its result, and curves that grow in place. Draws what the store holds; holds no job."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.evaluate.reference import reference_run
from labcore.results.events import Event
from labcore.results.run import FinishedRun, Run
from labcore.runs.resuming import checkpoint_step
from labcore.runs.store import RunNotFound
from labcore.views.distil.time_left import early_end, resumed_in_words
from labcore.views.run_names import run_name
from labcore.views.student_names import student_name
from labcore.views.words import student_in_words, teacher_in_words, training_in_words
from ui.distil.assistant_form import assistant_button
from ui.distil.result import result_figures
from ui.distil.run_bar import RUN_VIEW, run_bar
from ui.distil.seeds import seed_panel
from ui.distil.training_charts import Curves, accuracy_chart, detail_charts, loss_chart
from ui.runs.export_panel import export_panel
from ui.shell import server, state
from ui.shell.attention import bring_into_view
from ui.shell.guard import escaped, fragment, queued, resumed
from ui.shell.listed import seen
from ui.shell.owner import why_not
from ui.shell.rename_menu import rename_menu
from ui.shell.run_events import events_so_far
from ui.shell.save_again import unsaved_panel
from ui.shell.teacher_notes import is_here, show_changed, show_where

REFRESH = 1.0  # seconds between two drawings of an active run


def watch(*, ready: bool) -> None:
    """Draw the run that the page shows, every second while it is active; without a run, the room for one.

    The room is the same before, during and after a run, so that nothing moves when it begins or ends.
    ready: whether the page's spec can be distilled.
    """
    run_id = state.run_id()
    active = _is_active(_stored(run_id))
    st.fragment(fragment(_show), run_every=REFRESH if active else None)(run_id, active, ready)


def _stored(run_id: str | None) -> Run | None:
    """The run with this id in the lab's store; None if there is none."""
    try:
        return seen(server.store().read(run_id)) if run_id else None
    except RunNotFound:
        return None


def _is_active(run: Run | None) -> bool:
    """Whether a run may still change. A run whose student could not be saved stays in the queue."""
    return run is not None and (run.active or server.jobs().place(run.id) is not None)


def _show(run_id: str | None, was_active: bool, ready: bool) -> None:
    run = _stored(run_id)
    if run_id != state.run_id() or (was_active and not _is_active(run)):
        st.rerun()  # a fragment can't end its own timer
    events = [] if run is None else events_so_far(run.id)
    curves = Curves.of(run.spec.distil if run else state.spec().distil, events)
    drawn = run is None or run.active or bool(curves.steps)  # a run that ended before its first step has no curve
    with st.container(key=RUN_VIEW):
        run_bar(run, events, ready=ready)
        with st.container(key="standing", gap="xsmall"):
            if run is None:
                _without_run(run_id)
            else:
                _standing(run, events)
        if drawn:
            accuracy_chart(curves)
    if drawn:
        loss_chart(curves, active=run is None or run.active)
    if run is None:
        return
    detail_charts(curves, run.spec.task, active=run.active)
    if isinstance(run, FinishedRun):
        if words := early_end(run.spec.distil, events):
            st.info(words, icon=":material/flag:")
        seed_panel(run)
        export_panel(run)


def _without_run(run_id: str | None) -> None:
    """What the page shows of a run that is not in this lab's store, or of none."""
    if run_id is None:
        st.info(
            "A finished run has its result here: the student's test accuracy, its retention of the teacher's, and "
            "its agreement with the teacher."
        )
    elif (shipped := reference_run(run_id)) is not None:
        st.markdown(f":orange[**{student_name(shipped.spec)}**]")
        st.info("This result comes with the lab, without its curves. Press *Distil* to run it yourself.")
        result_figures(shipped)
    elif not server.store().reachable():
        st.warning("This run can't be read while the home can't be used.", icon=":material/hard_drive:")
    else:
        st.warning(f"This lab has no run `{run_id}`; it may be on another server. You can start one here.")


def _standing(run: Run, events: Sequence[Event]) -> None:
    """Whose run it is, what you can do next, and its result or the room for it.

    A result stands last: so on a phone, too, it is in view together with the curve below it.
    """
    st.markdown(f":orange[**{escaped(run_name(run))}**], distilled from {teacher_in_words(run.spec)} · run `{run.id}`")
    st.caption(
        f"{student_in_words(run.spec)}. Training: {training_in_words(run.spec.distil)}{resumed_in_words(events)}"
    )
    if run.spec.teacher != state.spec().teacher:  # the page names that one beside the controls
        show_where(run.spec)
    show_changed(run)
    if isinstance(run, FinishedRun):
        _next_steps(run)
        result_figures(run)
        return
    if run.active:
        if server.jobs().place(run.id) is None:
            st.caption("Another process of this lab trains this run.")
        st.caption("At its end the result stands here: test accuracy, retention and agreement.")
    elif not unsaved_panel(run):
        _ended_early(run)
    _next_steps(run)


def _next_steps(run: Run) -> None:
    """What you can do with the run now, in a row."""
    with st.container(horizontal=True):
        if isinstance(run, FinishedRun):
            if st.button("Evaluate it", key="to-evaluate", icon=":material/fact_check:"):
                st.switch_page("pages/evaluate.py")
            if st.button("See it on the frontier", key="to-frontier", icon=":material/scatter_plot:"):
                st.switch_page("pages/frontier.py")
            rename_menu(run)
            assistant_button(run)
        elif not run.active and server.jobs().unsaved(run.id) is None and is_here(run.spec):
            _resume(run)
            _again(run)
        if run.spec != state.spec() and st.button("Copy its settings", key="take", icon=":material/move_down:"):
            state.take(run.spec)
            st.rerun()


def _again(run: Run) -> None:
    """The button that queues a run that ended early once more."""
    if st.button("Run it again", key="again", icon=":material/replay:") and (run_id := queued(run.spec)) is not None:
        state.show_run(run_id)
        st.rerun()


def _resume(run: Run) -> None:
    """The button that queues a run that ended early to go on, if it has a checkpoint."""
    step = checkpoint_step(run, server.store())
    if step is None:
        return
    words = f"Resume from step {step:,}"
    why = why_not(run.owner, "run", "resume")
    if st.button(
        words, key="resume", type="primary", icon=":material/resume:", disabled=why is not None, help=why
    ) and resumed(run.id):
        bring_into_view(RUN_VIEW)
        st.rerun()


def _ended_early(run: Run) -> None:
    """Why there is no result, and what is kept."""
    step = checkpoint_step(run, server.store())
    kept = "its student was not saved" if step is None else f"its training up to step {step:,} is kept"
    if run.status == "failed":
        st.error(f"This run failed: {escaped(run.error or 'unknown reason')}")
    elif run.status == "stopped":
        st.warning(f"This run was stopped. Its measurements stay here; {kept}.")
    else:
        st.warning(f"This run was interrupted when its server ended. Its measurements stay here; {kept}.")
