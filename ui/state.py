"""What a browser session holds: a spec, its history, the run it looks at, its lesson, its attempt. All of it is in the link.

The spec is the truth. A widget shows what the spec says and commits what the person changes; nothing is
kept in a widget alone, so a page change, a refresh, an undo and a shared link all end in the same place.
"""

from __future__ import annotations

import contextlib
import json

import streamlit as st

from labcore.lesson_link import LessonLink
from labcore.presets import PRESETS
from labcore.runs.job import Jobs
from labcore.runs.store import RunNotFound, Store
from labcore.spec import Spec, SpecError, Step
from labcore.teacher.architecture import BUILT_IN
from labcore.views.controls import control_in_words

MOST_UNDO = 50
MOST_PINS = 3  # beside the student at hand: four are compared
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
    """Whether this session has begun, by `open_link`."""
    return "spec" in st.session_state


def open_link() -> None:
    """Take the lesson, the spec and the run from the address, once in a session; say so where they are no good."""
    if opened():
        return
    st.session_state.history = []
    st.session_state.pins = ()
    st.session_state.spec = FIRST
    st.session_state.run = st.query_params.get("run")
    st.session_state.large = "large" in st.query_params
    st.session_state.tour = _number(st.query_params.get("tour"))
    st.session_state.lesson = None
    st.session_state.attempt = st.query_params.get("attempt")
    link = st.query_params.get("spec")
    _open_lesson(st.query_params.get("lesson"), anew=link is None)
    try:
        if link is not None:
            change(Spec.from_json(link))
        elif st.session_state.run:  # a link to a run alone brings the run's spec
            with contextlib.suppress(RunNotFound):  # the Distil page tells of it
                change(store().read(st.session_state.run).spec)
        st.session_state.pins = _pins_in(st.query_params.get("with"))
    except SpecError as error:
        st.session_state.link_error = f"This spec could not be opened: {error}. The lab shows its own instead."
    st.session_state.history = []


def _open_lesson(text: str | None, *, anew: bool) -> None:
    """Begin the lesson that a link brings: at its spec, and, when it is opened anew, on its page."""
    if text is None:
        return
    try:
        lesson = LessonLink.from_json(text)
        change(lesson.spec)
    except SpecError as error:
        st.session_state.link_error = f"This lesson could not be opened: {error}. The lab is open without it."
        return
    st.session_state.lesson = lesson
    if anew:
        st.session_state.large |= lesson.large
        st.session_state.go_to = lesson.page


def _number(text: str | None) -> int | None:
    """A whole number in the address, up to two digits; None where there is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 3 else None


def _pins_in(text: str | None) -> tuple[Steps, ...]:
    """The students to compare with that a link brings: a JSON list of lists of steps. Raises SpecError."""
    if text is None:
        return ()
    try:
        lists = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise SpecError("the students to compare with are not JSON; give a list of lists of steps") from None
    if not isinstance(lists, list):
        raise SpecError("the students to compare with are no list; give a list of lists of steps")
    return tuple(Spec.from_dict({"steps": steps}).steps for steps in lists[:MOST_PINS])


def show_link_error() -> None:
    """Tell of a spec or a lesson that could not be opened, until the person changes something."""
    if "link_error" in st.session_state:
        st.error(st.session_state.link_error)


def spec() -> Spec:
    """The spec as it stands."""
    current: Spec = st.session_state.spec
    return current


def begun() -> bool:
    """Whether there is something to go on with: a run, or a spec other than the one that every session begins with."""
    return run_id() is not None or spec() != FIRST


def change(new: Spec) -> None:
    """Put a changed spec in place; the one before can be had back by `undo`.

    Every change comes through here. Raises SpecError for a teacher of one's own, and for what the lesson has fixed.
    """
    if new.teacher not in BUILT_IN:
        raise SpecError(
            f"teacher {new.teacher!r} is not built in; in the browser give one of {', '.join(BUILT_IN)}, or run this "
            "spec with `python -m labcore run`"
        )
    if (now := lesson()) is not None and (strayed := now.strays(new)):
        raise SpecError(
            f"this lesson has fixed {', '.join(f'“{control_in_words(name)}”' for name in strayed)}; change something else, or "
            "leave the lesson"
        )
    if new == spec():
        return
    st.session_state.history = [*st.session_state.history[-MOST_UNDO:], spec()]
    st.session_state.spec = new
    st.session_state.pop("link_error", None)


def take(new: Spec) -> None:
    """`change`, for a spec that is ready made: where it can't be taken, the page says so."""
    try:
        change(new)
    except SpecError as error:
        st.session_state.link_error = f"This spec could not be taken: {error}."


def lesson() -> LessonLink | None:
    """The lesson that this session was given by a link."""
    given: LessonLink | None = st.session_state.get("lesson")
    return given


def leave_lesson() -> None:
    """Go on without the lesson: the spec stays, and all can be changed."""
    st.session_state.lesson = None


def fixed(control: str) -> bool:
    """Whether the lesson keeps this control as it is; `labcore.lesson_link.CONTROLS` has the names."""
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
    st.session_state.pins = (*(p for p in pinned() if p != steps), steps)[-MOST_PINS:]


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


def write_link() -> None:
    """Put all of it into the address, so that a refresh or a shared link comes back to this."""
    wanted = {"spec": spec().to_json()}
    if (now := lesson()) is not None:
        wanted["lesson"] = now.to_json()
    if large():
        wanted["large"] = "1"
    if step := tour():
        wanted["tour"] = str(step)
    if run := run_id():
        wanted["run"] = run
    if attempt := attempt_id():
        wanted["attempt"] = attempt
    if pins := pinned():
        wanted["with"] = json.dumps([Spec(steps=steps).to_dict()["steps"] for steps in pins], separators=(",", ":"))
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
