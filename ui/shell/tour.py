"""The tour on the pages: its beginning on Start, its panel on every page, and its progress."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec
from labcore.config.tour_students import TRAINING
from labcore.guide.tour import STOPS
from ui.shell import state
from ui.shell.guard import callback


def begin() -> None:
    """Begin at the first stop, with a new journal, a copy of the teacher and no run."""
    from ui.tour.session import forget, journal

    first = Spec(distil=TRAINING)
    if state.allows(first):
        state.take(first)
    state.show_run(None)
    forget()
    journal()
    st.session_state.tour = 1


def go_on() -> None:
    """Go on with the tour at the first stop that is not done."""
    from ui.tour.session import journal

    st.session_state.tour = next((i for i, stop in enumerate(STOPS, 1) if stop.name not in journal().numbers), 1)


def tour_invitation() -> None:
    """Draw, on the first page, the button that begins the tour, and the one that goes on; nothing if a tour is on."""
    if state.tour() is not None:
        return
    with st.container(key="tour-invitation", border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**New here? Take the tour.** {len(STOPS)} claims of the chapter, each with your own guess and your own "
            "number, in about 20 minutes."
        )
        st.button(
            "Take the tour", key="tour-begin", type="primary", icon=":material/signpost:", on_click=callback(begin)
        )
        if state.journal_id() is not None:
            st.button("Go on with your tour", key="tour-resume", on_click=callback(go_on))


def tour_panel(page: str) -> None:
    """Draw the current stop if a tour is on."""
    number = state.tour()
    if number:
        from ui.tour.panel import panel  # imports statistics, which a first page need not wait for

        panel(page, number)


def redraw_if_done() -> None:
    """After a page has run: draw it again if it has shown something new of the stop that its panel shows."""
    number, _ = st.session_state.pop("tour_drawn", (None, True))
    if number is None or number != state.tour():
        return
    from ui.tour.session import observe

    if observe(STOPS[number - 1]):
        st.rerun()
