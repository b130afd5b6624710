"""What a browser session holds: a spec, its history, the run it looks at, its lesson, its attempt. All of it is in the address.

The spec is the truth. A widget shows what the spec says and commits what the person changes; nothing is
kept in a widget alone, so a page change, a refresh, an undo and a shared link all end in the same place.
"""

from __future__ import annotations

import streamlit as st

from labcore.config.assignment import Assignment
from labcore.config.presets import PRESETS
from labcore.config.spec import Spec, SpecError, Step
from labcore.models.architecture import BUILT_IN
from labcore.runs.allowed_teachers import check_allowed
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.views.controls import control_in_words

MAX_UNDO = 50
MAX_PINS = 3  # beside the student at hand: four are compared
Steps = tuple[Step, ...]
FIRST = PRESETS[1].spec


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The server's one queue of runs, shared by every browser; it outlives pages and reloads of the code."""
    return Jobs(Store())


def store() -> Store:
    """Where runs are on disk."""
    return jobs().store


def opened() -> bool:
    """Whether this session has begun, by `ui.shell.address.open_link`."""
    return "spec" in st.session_state


def spec() -> Spec:
    """The spec as it stands."""
    current: Spec = st.session_state.spec
    return current


def begun() -> bool:
    """Whether there is something to go on with: a run, or a spec other than the one that every session begins with."""
    return run_id() is not None or spec() != FIRST


def change(new: Spec) -> None:
    """Put a changed spec in place; the one before can be had back by `undo`.

    Every change comes through here. Raises SpecError for a teacher that nobody brought, and for what the lesson has fixed.
    """
    if new.teacher not in (*BUILT_IN, spec().teacher):  # this one was let in before
        check_allowed(new.teacher, store().runs())
    if (now := lesson()) is not None and (strayed := now.strays(new)):
        raise SpecError(
            f"this lesson has fixed {', '.join(f'“{control_in_words(name)}”' for name in strayed)}; change something else, or "
            "leave the lesson"
        )
    if new == spec():
        return
    st.session_state.history = [*st.session_state.history[-MAX_UNDO:], spec()]
    st.session_state.spec = new
    st.session_state.pop("link_error", None)
    if new.teacher not in BUILT_IN:
        st.session_state.setdefault("own_teachers", {})[new.teacher] = new.task


def own_teachers() -> dict[str, str]:
    """The brought teachers that this session has used, each with the task that it did last."""
    used: dict[str, str] = st.session_state.get("own_teachers", {})
    return used


def take(new: Spec) -> None:
    """`change`, for a spec that is ready made: where it can't be taken, the page says so."""
    try:
        change(new)
    except SpecError as error:
        st.session_state.link_error = f"This spec could not be taken: {error}."


def lesson() -> Assignment | None:
    """The lesson that this session was given by a link."""
    given: Assignment | None = st.session_state.get("lesson")
    return given


def leave_assignment() -> None:
    """Go on without the lesson: the spec stays, and all can be changed."""
    st.session_state.lesson = None


def fixed(control: str) -> bool:
    """Whether the lesson keeps this control as it is; `labcore.config.assignment.CONTROLS` has the names."""
    now = lesson()
    return now is not None and now.fixes(control)


def hidden(control: str) -> bool:
    """Whether the lesson keeps this control out of sight."""
    now = lesson()
    return now is not None and now.hides(control)


def allows(new: Spec) -> bool:
    """Whether the lesson lets this spec be taken."""
    now = lesson()
    return now is None or not now.strays(new)


def large() -> bool:
    """Whether type is large, for a projector."""
    return bool(st.session_state.get("large"))


def tour() -> int | None:
    """The step of the guided tour, from 1; None where there is none."""
    step: int | None = st.session_state.get("tour")
    return step


def can_undo() -> bool:
    """Whether there is a spec to go back to."""
    return bool(st.session_state.history)


def undo() -> None:
    """Go back to the spec before the last change."""
    if st.session_state.history:
        st.session_state.spec = st.session_state.history.pop()


def pinned() -> tuple[Steps, ...]:
    """The students that are kept for comparison, as the steps that make them of whichever teacher is chosen."""
    pins: tuple[Steps, ...] = st.session_state.pins
    return pins


def pin(steps: Steps) -> None:
    """Keep a student for comparison; not twice, and the oldest goes where there are too many."""
    st.session_state.pins = (*(p for p in pinned() if p != steps), steps)[-MAX_PINS:]


def unpin(steps: Steps) -> None:
    """Let a student go."""
    st.session_state.pins = tuple(p for p in pinned() if p != steps)


def run_id() -> str | None:
    """The id of the run that this browser looks at."""
    chosen: str | None = st.session_state.run
    return chosen


def look_at(run: str | None) -> None:
    """Look at a run: the Distil page shows it and the address carries it."""
    st.session_state.run = run


def attempt_id() -> str | None:
    """The id of the attempt at the exercise that this browser is at."""
    attempt: str | None = st.session_state.attempt
    return attempt


def go_on_with(attempt: str | None) -> None:
    """Go on with an attempt: the Exercise page shows it and the address carries it."""
    st.session_state.attempt = attempt
