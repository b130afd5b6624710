"""The control that a stop speaks of: outlined on its page; and what comes into view, once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component("lab_tour_mark", js=(_HERE / "mark.js").read_text("utf-8"))


def outline(selectors: Sequence[str]) -> None:
    """Outline the first of these CSS selectors that the page has."""
    rules, before = [], ""
    for selector in selectors:
        rules.append(f"body{before} :is({selector})")
        before += f":not(:has({selector}))"
    if rules:
        st.html(f"<style>{', '.join(rules)} {{ outline: 3px solid currentColor; outline-offset: 6px; }}</style>")


def scroll(selectors: Sequence[str], token: str, block: str) -> None:
    """Scroll to the first of these selectors once for each token. block: where it comes to lie, as in a browser."""
    _mount(key="tour-mark", data={"selectors": list(selectors), "token": token, "block": block})
