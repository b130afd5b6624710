"""The way into the page *Host*, and out."""

from __future__ import annotations

import streamlit as st

from labcore.config.checks import SpecError
from labcore.views.markdown import escaped
from ui.shell.guard import callback
from ui.shell.host import gate, has_host
from ui.shell.owner import owner

PASSWORD = "host-password"
REFUSED = "host_refused"  # why the last password was refused


def login() -> None:
    """Draw the field for the password; what is wrong with the server's password, if it is not allowed."""
    if not has_host():
        st.info("This server has no host. Start it with `LAB_HOST_PASSWORD`, and this page looks after a class.")
        return
    try:
        gate()
    except SpecError as error:
        st.error(f"This server's password can't be used: {escaped(str(error))}. Then start the server again.")
        return
    with st.form("host-login", width=420):
        st.text_input("The host's password", type="password", key=PASSWORD, autocomplete="current-password")
        st.form_submit_button("Enter", type="primary", on_click=callback(_enter))
    if (why := st.session_state.pop(REFUSED, None)) is not None:
        st.error(f"Not entered: {escaped(why)}.", icon=":material/lock:")


def leave_button() -> None:
    """Draw the button that ends the host's acts in this browser."""
    st.button("Leave", icon=":material/logout:", help="This browser is the host's no more.", on_click=callback(_leave))


def _enter() -> None:
    password = st.session_state.get(PASSWORD) or ""
    st.session_state[PASSWORD] = ""
    try:
        gate().enter(owner(), password)
    except SpecError as error:
        st.session_state[REFUSED] = str(error)


def _leave() -> None:
    gate().leave(owner())
