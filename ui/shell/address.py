"""The address of a page: what a session holds is read from it once, and written into it after each run of the page."""

from __future__ import annotations

import contextlib
import json

import streamlit as st

from labcore.config.assignment import Assignment
from labcore.config.spec import Spec, SpecError
from labcore.runs.store import RunNotFound
from labcore.views.markdown import escaped
from ui.shell import state


def open_link() -> None:
    """Take the lesson, the spec and the run from the address, once in a session; say so where they are no good."""
    if state.opened():
        return
    st.session_state.history = []
    st.session_state.pins = ()
    st.session_state.spec = state.FIRST
    st.session_state.run = st.query_params.get("run")
    st.session_state.large = "large" in st.query_params
    st.session_state.tour = _number(st.query_params.get("tour"))
    st.session_state.lesson = None
    st.session_state.attempt = st.query_params.get("attempt")
    link, what = st.query_params.get("spec"), "spec"
    _open_lesson(st.query_params.get("lesson"), anew=link is None)
    try:
        if link is not None:
            state.change(Spec.from_json(link))
        elif st.session_state.run:  # a link to a run alone brings the run's spec
            what = "run's spec"
            with contextlib.suppress(RunNotFound):  # the Distil page tells of it
                state.change(state.store().read(st.session_state.run).spec)
        st.session_state.pins = _pins_in(st.query_params.get("with"))
    except SpecError as error:
        st.session_state.link_error = f"This {what} could not be opened: {error}. The lab shows its own instead."
    st.session_state.history = []


def _open_lesson(text: str | None, *, anew: bool) -> None:
    """Begin the lesson that a link brings: at its spec, and, when it is opened anew, on its page."""
    if text is None:
        return
    try:
        lesson = Assignment.from_json(text)
        state.change(lesson.spec)
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


def _pins_in(text: str | None) -> tuple[state.Steps, ...]:
    """The students to compare with that a link brings: a JSON list of lists of steps. Raises SpecError."""
    if text is None:
        return ()
    try:
        lists = json.loads(text)
    except (ValueError, RecursionError):  # not JSON, or a number too long to read
        raise SpecError("the students to compare with are not JSON; give a list of lists of steps") from None
    if not isinstance(lists, list):
        raise SpecError("the students to compare with are no list; give a list of lists of steps")
    return tuple(Spec.from_dict({"steps": steps}).steps for steps in lists[: state.MAX_PINS])


def show_link_error() -> None:
    """Tell of a spec or a lesson that could not be opened, until the person changes something."""
    if "link_error" in st.session_state:
        st.error(escaped(st.session_state.link_error))


def write_link() -> None:
    """Put all of it into the address, so that a refresh or a shared link comes back to this."""
    wanted = {"spec": state.spec().to_json()}
    if (now := state.lesson()) is not None:
        wanted["lesson"] = now.to_json()
    if state.large():
        wanted["large"] = "1"
    if step := state.tour():
        wanted["tour"] = str(step)
    if run := state.run_id():
        wanted["run"] = run
    if attempt := state.attempt_id():
        wanted["attempt"] = attempt
    if pins := state.pinned():
        wanted["with"] = json.dumps([Spec(steps=steps).to_dict()["steps"] for steps in pins], separators=(",", ":"))
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
