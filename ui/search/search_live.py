"""A search while it runs: its state, the time left, its buttons, and the picture that grows."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.search.history import History
from labcore.search.search_events import State
from labcore.search.search_files import SearchEntry
from labcore.views.search.search_front import search_front
from labcore.views.search.search_words import (
    budget_in_words,
    doing_in_words,
    goal_in_words,
    left_in_words,
    state_in_words,
)
from labcore.views.teacher_names import in_markdown
from ui.shell import server
from ui.shell.chart import chart
from ui.shell.guard import callback, fragment
from ui.shell.owner import person, why_not
from ui.shell.queue_notes import place_of

REFRESH = 2.0  # seconds between two drawings


def watch_search(entry: SearchEntry) -> None:
    """Draw the search; while it is carried out, every two seconds."""
    active = server.searches().files.carried_out(entry.id)
    st.fragment(fragment(_show), run_every=REFRESH if active else None)(entry, active)


def _show(entry: SearchEntry, was_active: bool) -> None:
    files = server.searches().files
    active = files.carried_out(entry.id)
    if active != was_active:
        st.rerun()  # a fragment can't end its own timer
    history = files.history(entry.id)
    st.markdown(
        f"**{in_markdown(entry.search.teacher)}**: {goal_in_words(entry.search.goal)}. "
        f"{state_in_words(history, carried_out=active)}"
    )
    done = min(1.0, history.spent / entry.search.budget)
    spent = f"{budget_in_words(entry.search, history)} spent"
    st.progress(done, spent if history.state == "finished" else f"{spent}, {left_in_words(entry.search, history)} left")
    if active:
        st.caption(f":material/hourglass_top: {_doing(entry, history)}")
    _buttons(entry, history, active=active)
    measured = any(design.measured for design in history.designs)
    chart(
        search_front(entry.search, history) if measured else None,
        key=f"search-{entry.id}",
        height=440,
        alt=_alt(entry, history),
        awaits="" if measured else "Each design appears here with its size and its accuracy on validation examples.",
    )
    st.caption(
        "Each point is a design at the highest rung that it has reached. Its accuracy is that on validation examples; "
        "before training, on 400 of them. The line is the accuracy or the size that you asked for."
    )


def _doing(entry: SearchEntry, history: History) -> str:
    run = None if history.begun is None else history.begun.run
    waits = None if run is None else place_of(run)
    return doing_in_words(history) if waits is None else f"Its next training waits: {waits}."


def _buttons(entry: SearchEntry, history: History, *, active: bool) -> None:
    if history.state == "finished":
        return
    why = why_not(entry.owner, "search", "change")
    elsewhere = active and not server.searches().runs_here(entry.id)
    with st.container(horizontal=True):
        if active:
            help_ = "Another process of this lab carries it out." if elsewhere else why
            for label, icon, new in (
                ("Pause", ":material/pause:", "paused"),
                ("Stop", ":material/stop_circle:", "stopped"),
            ):
                st.button(
                    label,
                    key=f"search-{new}",
                    icon=icon,
                    disabled=why is not None or elsewhere,
                    help=help_,
                    on_click=callback(_end),
                    args=(entry.id, new),
                )
        else:
            st.button(
                "Resume",
                key="search-resume",
                icon=":material/play_arrow:",
                type="primary",
                disabled=why is not None,
                help=why,
                on_click=callback(_go_on),
                args=(entry.id,),
            )


def _end(search_id: str, new: State) -> None:
    server.searches().end(search_id, person(), server.jobs(), new)


def _go_on(search_id: str) -> None:
    try:
        server.searches().go_on(search_id, person(), server.jobs())
    except SpecError as error:
        st.toast(f"Not resumed: {error}.", icon=":material/error:")


def _alt(entry: SearchEntry, history: History) -> str:
    measured = [design for design in history.designs if design.measured]
    return (
        f"Accuracy on validation examples against size of {len(measured)} designs, "
        f"{len(history.reached('full'))} of them fully trained."
    )
