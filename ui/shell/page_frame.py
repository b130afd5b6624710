"""What every page has above and below it: title, first line, terms, notices and, at its end, the address.

A page is `pages/<name>.py` with all that it draws in `with page("<name>"):`, and a row of `labcore.guide.pages`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

import streamlit as st

from labcore.guide.pages import page_named
from ui.shell import state
from ui.shell.address import show_link_error, write_link
from ui.shell.assignment_bar import assignment_bar
from ui.shell.attention import draw_attention
from ui.shell.glossary import page_terms
from ui.shell.guard import show_device, show_fault, show_home
from ui.shell.navigation import HERE, frame
from ui.shell.owner import keep_cookie, owner, show_owner
from ui.shell.presence import presence
from ui.shell.save_again import unsaved_notice
from ui.shell.tour import tour_panel


@contextmanager
def page(name: str) -> Iterator[None]:
    """Draw the frame of the page of this name around what the block draws, and write the address after it.

    The address is written too if the block ends early with `end_page()`. `ui.shell.guard` writes it after an error.
    """
    this = page_named(name)
    assert this is not None, f"labcore.guide.pages has no page {name!r}"
    _require_app(name)
    _open_assignment_page(name)
    if state.large():
        st.html(HERE / "large.css")
    assignment_bar()
    tour_panel(name)
    show_link_error()
    show_fault()
    show_home()
    keep_cookie()
    presence().seen(owner())
    show_owner()
    show_device()
    unsaved_notice()
    st.title(this.title)
    st.markdown(this.purpose)
    page_terms(name)
    with suppress(PageEnds):
        yield
    draw_attention()
    write_link()


class PageEnds(Exception):
    """A page has nothing more to draw."""


def end_page() -> NoReturn:
    """End the page's block early: raises PageEnds, which the page takes.

    After Streamlit's own `st.stop()` nothing more reaches the browser, so the address would stay as it was.
    """
    raise PageEnds


def forward(name: str) -> None:
    """Go on to the page of this name with the query of this address: what the file of an old address does."""
    _require_app(name)
    _switch_with_query(name)


def _switch_with_query(name: str) -> None:
    st.switch_page(f"pages/{name}.py", query_params=st.query_params.to_dict())


def _require_app(name: str) -> None:
    """Begin again from `app.py` if the page runs without it.

    Streamlit takes the folder `pages/` for an older kind of app until it has seen `st.navigation` once. A server that
    has just started would then run a page's file without `app.py`.
    """
    if not state.opened():
        frame()
        _switch_with_query(name)


def _open_assignment_page(name: str) -> None:
    """Switch to the page that an assignment opens, once, if it is another than this one."""
    wanted: str | None = st.session_state.pop("go_to", None)
    if wanted is None or wanted == name:
        return
    target = page_named(wanted)
    if target is None:
        st.session_state.link_error = f"This assignment opens a page “{wanted}”, which this lab does not have."
    elif target.name != name:
        st.switch_page(f"pages/{target.name}.py")
