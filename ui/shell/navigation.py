"""What surrounds every page: the browser tab, the style sheets, and the menu of pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from labcore.guide.pages import PAGES, PageInfo
from ui.shell.colour_scheme import one_colour_scheme
from ui.shell.history import one_entry_a_page
from ui.shell.menu import menu

HERE = Path(__file__).parent


def frame() -> st.Page:
    """Draw what surrounds the page, and return the page at the browser's address."""
    # The lab's own icon: the browser would fetch one of Streamlit's symbols for its tab from another host.
    st.set_page_config(page_title="Teacher–Student Lab", page_icon=str(HERE / "icon.svg"), layout="wide")
    st.html(HERE / "page.css")
    st.html(HERE / "assignment.css")
    one_entry_a_page()
    one_colour_scheme()
    st.logo(HERE / "icon.svg")
    current = st.navigation([each for page in PAGES for each in _addresses(page)], position="hidden")
    st.set_page_config(page_title=f"{current.title} · Teacher–Student Lab")
    menu(current.title)
    return current


def _addresses(page: PageInfo) -> list[st.Page]:
    """The page, and one at each old address, whose file forwards to it."""
    return [
        st.Page(f"pages/{page.name}.py", title=page.label, icon=page.icon, default=page.name == "start"),
        *(st.Page(f"pages/{old}.py", title=page.label) for old in page.old_names),
    ]
