"""What single pages show by your choice: runs beside each other, a task, a sweep, a search, axes.

Like the state of `ui.shell.state`, all of it is in the address.
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from labcore.evaluate.frontier_axes import Axes
from labcore.teacher.own_teachers import is_own
from ui.shell import state

MAX_COMPARED = 4  # runs beside each other


def shown_runs() -> tuple[str, ...]:
    """The ids of the runs that the page *Runs* shows beside each other."""
    chosen: tuple[str, ...] = st.session_state.get("shown_runs", ())
    return chosen


def show_runs(runs: Iterable[str]) -> None:
    """Show these runs beside each other on the page *Runs*; the address carries them."""
    st.session_state.shown_runs = tuple(dict.fromkeys(runs))[:MAX_COMPARED]


def data_task() -> str | None:
    """The task that the page *Data* shows; None if it shows the form for a new data set."""
    if "data_task" not in st.session_state and state.spec().task.startswith("data:"):
        return state.spec().task
    chosen: str | None = st.session_state.get("data_task")
    return chosen


def show_data(task: str | None) -> None:
    """Show a task on the page *Data*; the address carries it."""
    st.session_state.data_task = task


def draft_id() -> str | None:
    """The id of the file that the page *Data* makes a data set of, as far as the home keeps it; None for none."""
    kept: str | None = st.session_state.get("draft_id")
    return kept


def go_on_with_draft(draft: str | None) -> None:
    """Go on with a file on its way to a data set; the address carries it."""
    st.session_state["draft_id"] = draft


def swept() -> str | None:
    """The teacher of your own whose sweep the page *Capacity* shows; None for the recorded one."""
    if "swept" not in st.session_state and is_own(state.spec().teacher):
        return state.spec().teacher
    chosen: str | None = st.session_state.get("swept")
    return chosen


def show_sweep(teacher: str | None) -> None:
    """Show the sweep of a teacher on the page *Capacity*; the address carries it."""
    st.session_state.swept = teacher


def search_id() -> str | None:
    """The id of the search that the page *Search* shows; None if it shows none."""
    chosen: str | None = st.session_state.get("search_id")
    return chosen


def show_search(search: str | None) -> None:
    """Show a search on the page *Search*; the address carries it."""
    st.session_state.search_id = search


def axes() -> Axes:
    """The pair of axes that the page *Frontier* draws."""
    chosen: Axes = st.session_state.get("axes", Axes())
    return chosen


def show_axes(chosen: Axes) -> None:
    """Draw the frontier by these axes; the address carries them."""
    st.session_state.axes = chosen
