"""The address of a page: the session reads it once, and writes its state into it after each run of the page."""

from __future__ import annotations

import contextlib
import json

import streamlit as st

from labcore.config.assignment_link import ASSIGNMENT, assignment_of
from labcore.config.json_data import parsed
from labcore.config.spec import Spec, SpecError
from labcore.evaluate.frontier_axes import Axes, axes_named
from labcore.exercise.attempt import SLOTS
from labcore.runs.store import RunNotFound
from labcore.views.markdown import escaped
from ui.shell import on_show, server, state

# The query keeps these names, so that old links open. `lesson` holds an assignment.
SPEC, RUN, ATTEMPT, TOUR, PINS, LARGE = "spec", "run", "attempt", "tour", "with", "large"
JOURNAL = "journal"  # of the tour
CHANGING = "changing"
DATA = "data"  # the task that the page Data shows
COMPARED = "compare"  # the runs that the page Runs shows, by id
DRAFT = "draft"  # the file that the page Data makes a data set of
EXAMINED = "examined"  # whether a teacher was examined there: a reload loses that
SEARCH = "search"  # the search that the page Search shows, by id
SWEPT = "sweep"  # the teacher of your own whose sweep the page Capacity shows
COST, QUALITY = "x", "y"  # the axes of the page Frontier


def open_link() -> None:
    """Read the address into the session, once; a link that cannot be opened leaves an error for the page to show."""
    if state.opened():
        return
    st.session_state.history = []
    st.session_state.pins = ()
    st.session_state.spec = state.FIRST
    st.session_state.run = st.query_params.get(RUN)
    st.session_state.large = LARGE in st.query_params
    st.session_state.tour = _number(st.query_params.get(TOUR))
    st.session_state.journal_id = st.query_params.get(JOURNAL)
    st.session_state.assignment = None
    st.session_state.attempt = st.query_params.get(ATTEMPT)
    st.session_state.changing = _slot(st.query_params.get(CHANGING))
    if DATA in st.query_params:
        st.session_state.data_task = st.query_params[DATA]
    if COMPARED in st.query_params:
        on_show.show_runs(st.query_params[COMPARED].split(","))
    st.session_state.draft_id = st.query_params.get(DRAFT)
    st.session_state.examination_lost = EXAMINED in st.query_params
    if SEARCH in st.query_params:
        on_show.show_search(st.query_params[SEARCH])
    if SWEPT in st.query_params:
        st.session_state.swept = st.query_params[SWEPT]
    _open_axes()
    link, source = st.query_params.get(SPEC), "spec"
    _open_assignment(st.query_params.get(ASSIGNMENT), begin=link is None)
    try:
        if link is not None:
            state.change(Spec.from_json(link))
        elif st.session_state.run:  # a link to a run without a spec brings the run's spec
            source = "run's spec"
            with contextlib.suppress(RunNotFound):  # the Distil page reports it
                state.change(server.store().read(st.session_state.run).spec)
        st.session_state.pins = _pins_in(st.query_params.get(PINS))
    except SpecError as error:
        st.session_state.link_error = f"This {source} could not be opened: {error}. The lab shows its own instead."
    st.session_state.history = []


def _open_axes() -> None:
    """Take the frontier's axes from the address."""
    try:
        on_show.show_axes(axes_named(st.query_params.get(COST), st.query_params.get(QUALITY)))
    except SpecError as error:
        st.session_state.link_error = f"This link's axes could not be opened: {error}. The lab shows its own instead."


def _open_assignment(text: str | None, *, begin: bool) -> None:
    """Take the assignment and its spec from a link. begin: whether to open the assignment's page and type size too."""
    if text is None:
        return
    try:
        assignment = assignment_of(text)
        state.change(assignment.spec)
    except SpecError as error:
        st.session_state.link_error = f"This assignment could not be opened: {error}. The lab is open without it."
        return
    st.session_state.assignment = assignment
    if begin:
        st.session_state.large |= assignment.large
        st.session_state.go_to = assignment.page


def _number(text: str | None) -> int | None:
    """A whole number in the address, up to two digits; None if there is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 3 else None


def _slot(text: str | None) -> int | None:
    """The slot of the exercise with this letter; None if there is none."""
    return SLOTS.index(text) if text in SLOTS else None


def _pins_in(text: str | None) -> tuple[state.Steps, ...]:
    """The students that a link brings for comparison: a JSON list of lists of steps.

    Raises SpecError if the text is no such list, or if its steps are not valid.
    """
    if text is None:
        return ()
    lists = parsed(text, "the list of students to compare with", "give a list of lists of steps")
    if not isinstance(lists, list):
        raise SpecError("the students to compare with are no list; give a list of lists of steps")
    return tuple(Spec.from_dict({"steps": steps}).steps for steps in lists[: state.MAX_PINS])


def show_link_error() -> None:
    """Show why a link could not be opened, until the spec changes."""
    if "link_error" in st.session_state:
        st.error(escaped(st.session_state.link_error))


def write_link() -> None:
    """Write the session's state into the address, so that a refresh or a shared link brings it back."""
    wanted = {SPEC: state.spec().to_json()}
    if (assignment := state.assignment()) is not None:
        wanted[ASSIGNMENT] = assignment.to_json()
    if state.large():
        wanted[LARGE] = "1"
    if step := state.tour():
        wanted[TOUR] = str(step)
    if journal := state.journal_id():
        wanted[JOURNAL] = journal
    if run := state.run_id():
        wanted[RUN] = run
    if attempt := state.attempt_id():
        wanted[ATTEMPT] = attempt
    if (slot := state.changing()) is not None:
        wanted[CHANGING] = SLOTS[slot]
    if task := on_show.data_task():
        wanted[DATA] = task
    if compared := on_show.shown_runs():
        wanted[COMPARED] = ",".join(compared)
    if draft := on_show.draft_id():
        wanted[DRAFT] = draft
    if EXAMINED in st.session_state:
        wanted[EXAMINED] = "1"
    if search := on_show.search_id():
        wanted[SEARCH] = search
    if swept := st.session_state.get("swept"):
        wanted[SWEPT] = swept
    if (axes := on_show.axes()) != Axes():
        wanted |= {COST: axes.cost, QUALITY: axes.quality}
    if pins := state.pinned():
        wanted[PINS] = json.dumps([Spec(steps=steps).to_dict()["steps"] for steps in pins], separators=(",", ":"))
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
