"""The queue for the host: what runs and what waits, for whom, and what the host does with it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from labcore.config.spec import Spec
from labcore.runs.queue_overview import DRAINED, PAUSED, QueueState, RunningJob, WaitingJob
from labcore.teacher.own_teachers import OwnTeacher
from labcore.views.host.people_table import NOBODY
from labcore.views.student_names import student_name
from labcore.views.words import rough_duration
from ui.host.people import names_here
from ui.shell import server
from ui.shell.guard import callback, escaped, fragment
from ui.shell.owner import host_acts

EACH = 3.0  # seconds between two drawings
MOST = 40  # waiting jobs that are listed


def queue_panel() -> None:
    """Draw the queue, again every few seconds."""
    st.fragment(fragment(_queue), run_every=EACH)()


def _queue() -> None:
    queue, names = server.jobs().overview(), names_here()
    st.header("Queue")
    if (cluster := server.cluster()) is not None:
        st.caption(f":material/lan: {escaped(cluster.words(server.jobs().slots))}")
    _state(queue.state)
    if not queue.running and not queue.waiting:
        st.caption("Nothing runs or waits.")
        return
    for running in queue.running:
        _running(running, names)
    for job in queue.waiting[:MOST]:
        _waiting(job, names)
    if len(queue.waiting) > MOST:
        st.caption(f"{len(queue.waiting) - MOST:,} more wait.")


def _state(now: QueueState) -> None:
    acts = host_acts()
    with st.container(horizontal=True, vertical_alignment="center"):
        if now != "open":
            st.button("Go on", icon=":material/play_arrow:", type="primary", on_click=callback(acts.go_on))
        if now != "paused":
            st.button(
                "Pause",
                icon=":material/pause:",
                help="What runs goes on, and nothing begins, also after a restart.",
                on_click=callback(acts.pause),
            )
        if now != "drained":
            st.button(
                "Drain",
                icon=":material/block:",
                help="What runs goes on, nothing begins, and nobody can queue a job: for a restart of the server.",
                on_click=callback(acts.drain),
            )
    if now != "open":
        words = PAUSED if now == "paused" else DRAINED
        st.info(f"{words[0].upper()}{words[1:]}.")


def _running(job: RunningJob, names: Mapping[str, str]) -> None:
    left = "" if job.seconds_left is None else f", about {rough_duration(job.seconds_left)} left"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Trains now:** {_title(job.work)}, for {_people(job.owners, names)}{left}", width="stretch")
        if job.stopping:
            st.button("Stopping", key=f"host-cancel-{job.id}", disabled=True)
        else:
            _cancel(job.id)
    st.progress(job.progress)


def _waiting(job: WaitingJob, names: Mapping[str, str]) -> None:
    begins = "" if job.begins_in is None else f", begins in about {rough_duration(job.begins_in)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{job.place}. {_title(job.work)}, for {_people(job.owners, names)}{begins}", width="stretch")
        if job.place > 1:
            st.button(
                "Move up",
                key=f"host-up-{job.id}",
                icon=":material/vertical_align_top:",
                on_click=callback(host_acts().move_up),
                args=(job.id,),
            )
        _cancel(job.id)


def _cancel(job_id: str) -> None:
    st.button(
        "Cancel",
        key=f"host-cancel-{job_id}",
        icon=":material/stop_circle:",
        on_click=callback(host_acts().cancel),
        args=(job_id,),
    )


def _title(work: Spec | OwnTeacher) -> str:
    if isinstance(work, OwnTeacher):
        return f"teacher “{escaped(work.title)}”"
    return escaped(student_name(work))


def _people(owners: tuple[str | None, ...], names: Mapping[str, str]) -> str:
    return escaped(", ".join(names.get(owner, NOBODY) if owner else NOBODY for owner in owners))
