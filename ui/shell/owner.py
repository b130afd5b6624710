"""Whose browser this session is, and who else may use this server.

The browser's cookie names the owner. Streamlit reads cookies only as a session begins, and can't set one: a component
does. Nothing else makes a session's owner, so no link can. The owner's id is in no address and on no page.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import streamlit as st

from labcore.config.spec import SpecError
from labcore.owners.cookie import DAYS, Recognised, cookie_name, recognised, signed
from labcore.owners.owner import Person, may_change, new_owner, refusal
from labcore.owners.secret import secret_of_home
from labcore.runs.host_acts import HostActs
from labcore.runs.person_acts import PersonActs
from labcore.system.faults import sentence
from labcore.system.writable import home_error
from labcore.views.markdown import escaped
from ui.shell import server
from ui.shell.host import entered
from ui.shell.sharing import shared

# In the session: the owner; the cookie that the browser lacks; those that are worth nothing; why there is none.
_OWNER, _COOKIE, _WORTHLESS, _FAULT, _REFUSES = "owner", "owner_cookie", "worthless", "owner_fault", "refuses_cookies"

_mount = st.components.v2.component("lab_owner", js=Path(__file__).with_name("owner.js").read_text("utf-8"))


def person() -> Person:
    """Who acts in this session. On a shared server the host is who gave the host's password."""
    return Person(owner=owner(), host=not shared() or entered(owner()))


def acts() -> PersonActs:
    """What the person of this session may do."""
    return PersonActs(server.jobs(), person())


def host_acts() -> HostActs:
    """What the person of this session may do if they are the host."""
    return HostActs(server.jobs(), person())


def mine(owner_of_thing: str | None) -> bool:
    """Whether the person of this session may change a thing of this owner."""
    return may_change(owner_of_thing, person())


def why_not(owner_of_thing: str | None, thing: str, act: str) -> str | None:
    """Why the person may not do this to a thing of this owner, for a disabled control; None if the person may."""
    return None if mine(owner_of_thing) else f"{refusal(owner_of_thing, thing, act)}."


def owner() -> str:
    """The owner of this browser. One without a cookie is a new owner, for as long as it keeps the cookie."""
    if _OWNER not in st.session_state:
        _begin()
    known: str = st.session_state[_OWNER]
    return known


def _begin() -> None:
    """Recognise the browser by the cookie with which the session began, or make it a new owner."""
    secret = _secret()
    if secret is None:
        st.session_state[_OWNER], st.session_state[_COOKIE] = new_owner(), None
        return
    given = st.context.cookies.get(cookie_name(secret))
    known = recognised(given, secret)
    _adopt(known or Recognised(new_owner(), stale=True), secret)
    st.session_state[_WORTHLESS] = [given] if given else []


def _adopt(known: Recognised, secret: bytes) -> None:
    """Be this owner, and sign its cookie if the browser lacks a fresh one."""
    st.session_state[_OWNER] = known.owner
    st.session_state[_COOKIE] = signed(known.owner, secret) if known.stale else None


def keep_cookie() -> None:
    """Let the browser take its cookie, once for each session that needs one."""
    owner()
    secret = _secret() if st.session_state.get(_COOKIE) else None
    if secret is None:
        return
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    data = {
        "name": cookie_name(secret),
        "value": st.session_state[_COOKIE],
        "path": f"/{base}",
        "seconds": DAYS * 86400,
        "worthless": st.session_state[_WORTHLESS],
    }
    with st.container(key="owner"):  # it draws nothing, and page.css gives it no room
        told = _mount(key="owner-cookie", data=data, height=1, on_cookie_change=_nothing).get("cookie")
    st.session_state[_REFUSES] = told == ""
    if told:
        _hear(cast(str, told), secret)


def _hear(cookie: str, secret: bytes) -> None:
    """Take the cookie that another tab of this browser has set meanwhile; one that is worth nothing is replaced."""
    if (known := recognised(cookie, secret)) is not None:
        _adopt(Recognised(known.owner, stale=False), secret)
    elif cookie not in st.session_state[_WORTHLESS]:
        st.session_state[_WORTHLESS] = [*st.session_state[_WORTHLESS], cookie][-4:]
        st.rerun()


def _nothing() -> None:
    """Streamlit returns a state only when it has a callback."""


def show_owner() -> None:
    """On a shared server, state why what this browser makes can't be its own for long, if that is so."""
    if not shared():
        return
    gone = "What you make here is yours until you reload the page or close it; after that it can't be claimed."
    icon = ":material/account_circle_off:"
    if (fault := st.session_state.get(_FAULT)) is not None:
        st.warning(f"**The lab can't recognise browsers.** {escaped(fault)} {gone}", icon=icon)
    elif st.session_state.get(_REFUSES):
        st.info(f"Your browser refuses the lab's cookie. {gone}", icon=icon)


def _secret() -> bytes | None:
    """The home's secret; None if it can't be used, and then the reason is noted unless the page has it anyway."""
    home = server.store().home
    st.session_state.pop(_FAULT, None)
    try:
        return secret_of_home(home)
    except (OSError, SpecError) as error:
        if home_error(home) is None:
            st.session_state[_FAULT] = sentence(error, home)
        return None
