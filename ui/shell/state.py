"""The state of a browser session: a spec, its history, a run, an assignment, an attempt. The address carries all of it.

The spec is the truth. A widget shows a value of the spec and commits what you change; no widget is the only place of a
value. So a page change, a refresh, an undo and a shared link all end in the same state.
"""

from __future__ import annotations

import streamlit as st

from labcore.config.assignment import Assignment
from labcore.config.presets import PRESETS
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Step
from labcore.data.tasks import load_task
from labcore.runs.allowed_teachers import check_allowed
from labcore.teacher.built_in import BUILT_IN
from labcore.views.controls import control_in_words
from ui.shell import server

MAX_UNDO = 50
MAX_PINS = 3  # with the current student, the page compares four
Steps = tuple[Step, ...]
FIRST = PRESETS[1].spec


def opened() -> bool:
    """Whether `ui.shell.address.open_link` has begun this session."""
    return "spec" in st.session_state


def spec() -> Spec:
    """The current spec."""
    current: Spec = st.session_state.spec
    return current


def begun() -> bool:
    """Whether you can resume work: there is a run, or a spec other than the one that every session begins with."""
    return run_id() is not None or spec() != FIRST


def change(new: Spec) -> None:
    """Put a changed spec in place; `undo` brings the previous one back. Every change of the spec passes here.

    Raises SpecError if the teacher is not allowed here, or the task is not on this machine. Raises it, too, if the
    change touches what the assignment has fixed.
    """
    if new.teacher not in (*BUILT_IN, spec().teacher):  # the current one was allowed before
        check_allowed(new.teacher, server.store().runs())
    if new.task != spec().task:
        load_task(new.task)  # raises if its data are not on this machine
    if (now := assignment()) is not None and (changed := now.changed_controls(new)):
        raise SpecError(
            f"this assignment has fixed {', '.join(f'“{control_in_words(name)}”' for name in changed)}; "
            "change something else, or leave the assignment"
        )
    if new == spec():
        return
    st.session_state.history = [*st.session_state.history[-MAX_UNDO:], spec()]
    st.session_state.spec = new
    st.session_state.pop("link_error", None)
    if new.teacher not in BUILT_IN:
        st.session_state.setdefault("own_teachers", {})[new.teacher] = new.task


def own_teachers() -> dict[str, str]:
    """The teachers of your own that this session has used, each with its last task."""
    used: dict[str, str] = st.session_state.get("own_teachers", {})
    return used


def take(new: Spec) -> None:
    """`change` to a complete spec; if it is refused, the page shows why."""
    try:
        change(new)
    except SpecError as error:
        st.session_state.link_error = f"This spec could not be used: {error}."


def assignment() -> Assignment | None:
    """The assignment that a link brought into this session; None if there is none."""
    current: Assignment | None = st.session_state.get("assignment")
    return current


def leave_assignment() -> None:
    """Go on without the assignment: the spec stays, and you can change all of it."""
    st.session_state.assignment = None


def fixed(control: str) -> bool:
    """Whether the assignment fixes this control; `labcore.config.assignment.controls` lists the names."""
    now = assignment()
    return now is not None and now.fixes(control)


def hidden(control: str) -> bool:
    """Whether the assignment hides this control."""
    now = assignment()
    return now is not None and now.hides(control)


def allows(new: Spec) -> bool:
    """Whether the assignment allows this spec."""
    now = assignment()
    return now is None or not now.changed_controls(new)


def large() -> bool:
    """Whether type is large, for a projector."""
    return bool(st.session_state.get("large"))


def tour() -> int | None:
    """The step of the tour, from 1; None if no tour is on."""
    step: int | None = st.session_state.get("tour")
    return step


def journal_id() -> str | None:
    """The id of this browser's journal of the tour; None if it has none."""
    journal: str | None = st.session_state.get("journal_id")
    return journal


def undone() -> Spec | None:
    """The spec before the last change, to which `undo` goes back; None if there is none."""
    return st.session_state.history[-1] if st.session_state.history else None


def undo() -> None:
    """Go back to the spec before the last change."""
    if st.session_state.history:
        st.session_state.spec = st.session_state.history.pop()


def pinned() -> tuple[Steps, ...]:
    """The students that you keep for comparison, each as the steps that derive it from the current teacher."""
    pins: tuple[Steps, ...] = st.session_state.pins
    return pins


def pin(steps: Steps) -> None:
    """Keep a student for comparison, once. If there are too many, the oldest goes."""
    st.session_state.pins = (*(p for p in pinned() if p != steps), steps)[-MAX_PINS:]


def unpin(steps: Steps) -> None:
    """Drop a student from the comparison."""
    st.session_state.pins = tuple(p for p in pinned() if p != steps)


def run_id() -> str | None:
    """The id of the run that this browser shows; None if it shows none."""
    chosen: str | None = st.session_state.run
    return chosen


def show_run(run: str | None) -> None:
    """Show a run: the Distil page draws it and the address carries it."""
    st.session_state.run = run


def attempt_id() -> str | None:
    """The id of this browser's attempt at the exercise; None if it has none."""
    attempt: str | None = st.session_state.attempt
    return attempt


def go_on_with(attempt: str | None) -> None:
    """Go on with an attempt: the Exercise page draws it and the address carries it."""
    st.session_state.attempt = attempt
    go_on_changing(None)


def changing() -> int | None:
    """The slot of the attempt whose student the Design page changes, from 0; None if it changes none."""
    slot: int | None = st.session_state.get("changing")
    return slot if attempt_id() is not None else None


def go_on_changing(slot: int | None) -> None:
    """Change the student of a slot on the Design page; the address carries it."""
    st.session_state.changing = slot
