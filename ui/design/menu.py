"""Menus that close after a choice."""

from __future__ import annotations

import streamlit as st


def menu_key(menu: str) -> str:
    """The key of a menu, another one each time that it was closed.

    A new element is drawn closed, even if the browser has not drawn the closing of the one before.
    """
    return f"{menu}-{st.session_state.get(menu, 0)}"


def close_menu(menu: str) -> None:
    """Close a menu after its choice."""
    st.session_state[menu] = st.session_state.get(menu, 0) + 1
