"""The frame around every page: its configuration, the pages in the order of the story, and the way in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.shell import state
from ui.shell.address import show_link_error
from ui.shell.assignment_bar import assignment_bar
from ui.shell.guard import show_fault, show_home
from ui.shell.save_again import unsaved_notice
from ui.shell.tour import tour_panel

HERE = Path(__file__).parent
PAGES = (
    ("start", "Start", ":material/home:"),
    ("design", "Design", ":material/architecture:"),
    ("distil", "Distil", ":material/local_fire_department:"),
    ("evaluate", "Evaluate", ":material/gavel:"),
    ("frontier", "Frontier", ":material/scatter_plot:"),
    ("capacity", "Capacity", ":material/straighten:"),
    ("mimicry", "Mimicry", ":material/theater_comedy:"),
    ("exercise", "Exercise", ":material/assignment:"),
)


def frame() -> st.Page:
    """Draw what is around the page, and return the page that the address asks for."""
    # An icon of our own: a Material symbol as the browser tab's icon would be fetched from another host.
    st.set_page_config(page_title="Teacher–Student Lab", page_icon=str(HERE / "icon.svg"), layout="wide")
    st.html(HERE / "page.css")
    st.html(HERE / "lesson.css")
    st.logo(HERE / "icon.svg")
    pages = [
        st.Page(f"pages/{name}.py", title=title, icon=icon, default=name == "start") for name, title, icon in PAGES
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · Teacher–Student Lab")
    return page


def enter(page: str) -> None:
    """What every page does first: see that app.py ran before it, and show what goes with the person from page to page.

    A server that has just started takes the folder `pages/` for the older kind of multipage app until it has seen
    `st.navigation` once: it would run a page that is opened by its address alone, without app.py.
    """
    if not state.opened():
        frame()
        st.switch_page(f"pages/{page}.py", query_params=st.query_params.to_dict())
    if (there := st.session_state.pop("go_to", page)) != page:  # a lesson opens on a page of its own
        if there in names():
            st.switch_page(f"pages/{there}.py")
        st.session_state.link_error = f"This lesson opens on a page “{there}”, which this lab does not have."
    if state.large():
        st.html(HERE / "large.css")
    assignment_bar()
    tour_panel(page, names())
    show_link_error()
    show_fault()
    show_home()
    unsaved_notice()


def names() -> tuple[str, ...]:
    """The pages' names, in the order of the story."""
    return tuple(name for name, _, _ in PAGES)
