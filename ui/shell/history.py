"""One entry in the browser's history for each page, so that "Back" leads to the page before this one."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

# Registered at import, so once per process, like the chart of `ui.shell.chart`.
_mount = st.components.v2.component("lab_history", js=Path(__file__).with_name("history.js").read_text("utf-8"))


def one_entry_a_page() -> None:
    """Let the address be replaced while a page stays open; the browser does so until it loads the lab again."""
    with st.container(key="history"):  # it draws nothing, and page.css gives it no room
        _mount(key="history-entries", data={"name": "history"}, height=1)
