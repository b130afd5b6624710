"""The frame around every page: its configuration, the pages in the order of the story, and the way in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui import state

HERE = Path(__file__).parent
PAGES = (
    ("start", "Start", ":material/home:"),
    ("design", "Design", ":material/architecture:"),
    ("distil", "Distil", ":material/local_fire_department:"),
    ("judge", "Judge", ":material/gavel:"),
    ("frontier", "Frontier", ":material/scatter_plot:"),
    ("exercise", "Exercise", ":material/assignment:"),
)


def frame() -> st.Page:
    """Draw what is around the page, and return the page that the address asks for."""
    # An icon of our own: a Material symbol as the browser tab's icon would be fetched from another host.
    st.set_page_config(page_title="Teacher–Student Lab", page_icon=str(HERE / "icon.svg"), layout="wide")
    st.html(HERE / "page.css")
    pages = [
        st.Page(f"pages/{name}.py", title=title, icon=icon, default=name == "start") for name, title, icon in PAGES
    ]
    return st.navigation(pages, position="top")


def enter(page: str) -> None:
    """What every page does first: see that app.py ran before it, and tell of a link that could not be opened.

    A server that has just started takes the folder `pages/` for the older kind of multipage app until it has seen
    `st.navigation` once: it would run a page that is opened by its address alone, without app.py.
    """
    if not state.opened():
        frame()
        st.switch_page(f"pages/{page}.py", query_params=st.query_params.to_dict())
    state.show_link_error()
