"""Popovers that close when their choice is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import streamlit as st

from ui.shell.attention import focus_on
from ui.shell.guard import callback


@contextmanager
def closing_popover(
    name: str, label: str, *, width: Literal["stretch", "content"] = "stretch", **options: Any
) -> Iterator[bool]:
    """A popover around what the block draws, until `close_popover(name)`. Yields whether it is open.

    Opening draws the page again, so a block may draw its choices only then: a closed menu costs each run of the page.
    When it opens, the keyboard's focus goes to its first control. Each closing moves it between two slots, because
    Streamlit keeps a popover open that is drawn again in the same place.
    """
    closed = st.session_state.get(_count(name), 0)
    slots = st.container(width=width), st.container(width=width)
    key = f"{name}-{closed}"

    def opened() -> None:
        if st.session_state.get(key):
            focus_on(f"{name}-choices")

    with (
        slots[closed % 2],
        st.popover(label, width=width, key=key, on_change=callback(opened), **options) as popover,
        st.container(key=f"{name}-choices", gap=None),
    ):
        yield bool(popover.open)


def close_popover(name: str) -> None:
    """Draw the popover closed from now on, until it is opened again."""
    st.session_state[_count(name)] = st.session_state.get(_count(name), 0) + 1


def _count(name: str) -> str:
    return f"times-closed-{name}"
