"""What the next drawing brings into view, and where it puts the keyboard's focus.

What you start in one place may show its result in another: a run its curves, a menu its new step. The code that starts
it calls `bring_into_view` or `focus_on`; the page's frame then draws the one component that does it in the browser.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component("lab_attention", js=(_HERE / "attention.js").read_text("utf-8"))


def bring_into_view(key: str) -> None:
    """Scroll to the container with this key once the page is drawn, unless all of it is in view."""
    _request(key, focus=False)


def focus_on(key: str) -> None:
    """Bring the container with this key into view, and put the keyboard's focus on the first control in it."""
    _request(key, focus=True)


def _request(key: str, *, focus: bool) -> None:
    last = st.session_state.get("attention") or {"number": 0}
    st.session_state.attention = {"selector": f".st-key-{key}", "focus": focus, "number": last["number"] + 1}


def draw_attention() -> None:
    """Draw, at the end of a page, the component that carries out the last request, once."""
    if (request := st.session_state.get("attention")) is not None:
        with st.container(key="attention"):
            _mount(key="attention-request", data=request)
