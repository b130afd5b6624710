"""A teacher that is being made: its progress, its curves as they grow, and *Stop*."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.results.events import Event, TeacherValidation, TrainStep
from labcore.teacher.own_teachers import OwnTeacher
from labcore.views.data.making_charts import making_accuracies, making_losses
from labcore.views.distil.time_left import progress
from ui.data.make_form import MAKING
from ui.shell import server
from ui.shell.chart import chart
from ui.shell.guard import callback, escaped, fragment
from ui.shell.listed import listed
from ui.shell.owner import acts, why_not
from ui.shell.queue_notes import place_of

REFRESH = 1.0  # seconds between two drawings


def watch_making(task: str) -> int:
    """Draw the teachers of this task that wait or are being made, every second; how many they are."""
    teachers = server.jobs().teachers.all()
    active = [
        teacher.id for teacher in reversed(teachers) if teacher.active and teacher.task == task and listed(teacher)
    ]
    if active:
        st.fragment(fragment(_show), run_every=REFRESH)(active)
    return len(active)


def _show(was_active: list[str]) -> None:
    store = server.jobs().teachers
    with st.container(key=MAKING):
        for teacher_id in was_active:
            teacher = store.read(teacher_id)
            if teacher is None or not teacher.active:
                st.rerun()  # a fragment can't end its own timer
            assert teacher is not None
            _one(teacher)


def _one(teacher: OwnTeacher) -> None:
    jobs = server.jobs()
    events = list(jobs.teachers.events(teacher.id))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container():
                if (words := place_of(teacher.id)) is not None:
                    st.info(f"“{escaped(teacher.title)}” waits: {words}", icon=":material/hourglass_top:")
                else:
                    now = progress(events)
                    st.progress(now.fraction, f"**{escaped(teacher.title)}** · {now.words}")
            if jobs.stopping(teacher.id):
                st.button("Stopping", key=f"stop-{teacher.id}", icon=":material/stop_circle:", disabled=True)
            elif jobs.place(teacher.id) is not None:
                why = why_not(teacher.owner, "teacher", "stop")
                st.button(
                    "Cancel" if jobs.place(teacher.id) else "Stop",
                    key=f"stop-{teacher.id}",
                    icon=":material/stop_circle:",
                    disabled=why is not None,
                    help=why,
                    on_click=callback(acts().stop_teacher),
                    args=(teacher.id,),
                )
            else:
                st.caption("Another process of this lab makes it.")
        if not jobs.place(teacher.id):
            making_curves(teacher, events_of=events)


def making_curves(teacher: OwnTeacher, events_of: Sequence[Event]) -> None:
    """Draw loss and accuracy against steps, or what will come."""
    steps = [event for event in events_of if isinstance(event, TrainStep)]
    validations = [event for event in events_of if isinstance(event, TeacherValidation)]
    left, right = st.columns(2)
    last = validations[-1] if validations else None
    with left:
        chart(
            making_accuracies(validations, steps[-1].steps if steps else 1),
            key=f"making-accuracy-{teacher.id}",
            height=240,
            alt="Accuracy of the teacher on validation examples against steps"
            + (f": last {last.accuracy:.1%}, majority baseline {last.majority:.1%}." if last else "."),
            awaits="" if validations else "The teacher's validation accuracy grows here, above the majority baseline.",
        )
    with right:
        chart(
            making_losses(steps),
            key=f"making-loss-{teacher.id}",
            height=240,
            alt="Training loss against steps" + (f": last {steps[-1].total:.3f}." if steps else "."),
            awaits="" if steps else "The training loss falls here.",
        )
