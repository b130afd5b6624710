"""A run as it goes: progress, stop, and curves that grow in place. Draws what the store holds; holds no job."""

from __future__ import annotations

import streamlit as st

from labcore.record import Run, TrainStep, Validation
from labcore.runs.store import RunNotFound
from labcore.views.curves import accuracies, losses
from labcore.views.progress import progress
from labcore.views.words import duration, percent, student_in_words
from ui import state
from ui.chart import chart

EVERY = 1.0  # seconds between two looks at a run that goes on


def watch(run_id: str | None) -> None:
    """Show the run of this id, as long as it goes on once a second; an empty state where there is none."""
    if run_id is None:
        st.info("No run yet. Set the weights and press *Distil*: the curves grow here while the student learns.")
        return
    try:
        run = state.store().read(run_id)
    except RunNotFound:
        st.warning(f"There is no run `{run_id}` on this lab. It may be another server's; start one of your own.")
        return
    st.fragment(_look, run_every=EVERY if run.active else None)(run_id, run.active)


def _look(run_id: str, was_active: bool) -> None:
    run = state.store().read(run_id)
    if was_active and not run.active:
        st.rerun()  # a fragment can't end its own timer
    st.markdown(f"**{student_in_words(run.spec)}** · run `{run.id}`")
    _status(run)
    events = list(state.store().events(run_id))
    steps = [event for event in events if isinstance(event, TrainStep)]
    validations = [event for event in events if isinstance(event, Validation)]
    if run.status == "running":
        now = progress(events)
        st.progress(now.share, now.words)
    if not steps and not run.active:
        return
    scale = st.segmented_control(
        "Losses", ["weighted", "raw"], default="weighted", key="scale",
        help="Weighted: each part times its weight, so that they sum to the total. Raw: as measured.",
    )  # fmt: skip
    chart(
        losses(steps, run.spec.distil, weighted=scale != "raw"), key="losses", height=320,
        alt="Loss against training steps: the total and its hard, soft and hidden parts.",
    )  # fmt: skip
    chart(
        accuracies(validations, steps[-1].steps if steps else 1), key="accuracies", height=280,
        alt="The student's accuracy and agreement on the validation split against steps, beside the teacher's accuracy.",
    )  # fmt: skip


def _status(run: Run) -> None:
    """What the run's status means for the person, and what they can do."""
    jobs = state.jobs()
    if run.active:
        place = jobs.place(run.id)
        if place:
            st.info(
                f"In the queue: {place} run{'s' if place > 1 else ''} before this one. It starts by itself.",
                icon=":material/hourglass_top:",
            )
        if place is None:
            st.caption("Another process of this lab trains this run.")
        elif jobs.stopping(run.id):
            st.caption("Stopping after this step…")
        else:
            st.button("Stop", key="stop", icon=":material/stop_circle:", on_click=jobs.stop, args=(run.id,))
        return
    if run.result is not None:
        teacher, student = run.result.teacher["accuracy"], run.result.student["accuracy"]
        row = st.container(key="result", horizontal=True)
        row.metric(
            "Test accuracy",
            percent(student, 1),
            f"{100 * (student - teacher):+.1f} points to the teacher",
            help="Share of unseen test sentences that the student gets right.",
        )
        row.metric("Retention", percent(student / teacher, 1), help="The student's accuracy over the teacher's.")
        row.metric(
            "Agreement",
            percent(run.result.student["agreement"], 1),
            help="Share of test sentences on which student and teacher answer alike, right or wrong.",
        )
        row.metric("Time", duration(run.result.seconds), help="The whole run, from loading the teacher to the test.")
        st.page_link("pages/frontier.py", label="See it on the frontier", icon=":material/scatter_plot:")
        return
    if run.status == "failed":
        st.error(f"This run failed: {run.error}")
    elif run.status == "stopped":
        st.warning("This run was stopped. What it had measured is below; its student was not kept.")
    else:
        st.warning(
            "This run was cut off when its server ended. What it had measured is below; its student was not kept."
        )
    if st.button("Run it again", key="again", icon=":material/replay:"):
        state.look_at(jobs.submit(run.spec))
        st.rerun()
