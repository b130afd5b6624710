"""The colour scheme of the theme for what Streamlit draws outside its app: popovers, dialogs and menus."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("colour_scheme.js").read_text("utf-8")
_mount = st.components.v2.component("lab_colour_scheme", js=_SCRIPT)


def one_colour_scheme() -> None:
    """Let the theme's scheme hold for the document, so that `light-dark()` in page.css holds in popovers, too."""
    with st.container(key="colour-scheme"):  # it draws nothing, and page.css gives it no room
        _mount(key="colour-scheme-of-theme", data={"name": "colour scheme"}, height=1)
