"""The menu of pages: a row of groups, each of which opens its pages.

Streamlit's own menu hides all pages behind one button on a phone, and its list there is not accessible.
"""

from __future__ import annotations

import streamlit as st

from labcore.guide.pages import HOST, PageInfo, groups
from ui.shell.host import has_host


def menu(current: str) -> None:
    """Draw the menu. current: the label of the page that is open."""
    with st.container(key="menu", horizontal=True, vertical_alignment="center", gap="small"):
        for group, pages in groups().items():
            if not group:
                for page in pages:
                    _link(page)
                continue
            open_here = any(page.label == current for page in pages)
            # Another key on each page: Streamlit keeps a popover open as long as its key stays.
            key = f"menu-{group}-{current}"
            with st.popover(f"**{group}**" if open_here else group, type="tertiary", key=key):
                for page in pages:
                    _link(page)
        if has_host():
            _link(HOST)


def _link(page: PageInfo) -> None:
    st.page_link(f"pages/{page.name}.py", label=page.label, icon=page.icon)
