"""The tour's panel: the claim, your guess, the act, its result in your own numbers, and the way on."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from labcore.guide.pages import page_named
from labcore.guide.tour import STOPS
from labcore.guide.tour.stop import Stop
from labcore.views.markdown import unbroken
from labcore.views.tour.summary import guess_in_words
from ui.shell.guard import callback
from ui.tour.acts import act
from ui.tour.guess import guess
from ui.tour.mark import outline, scroll
from ui.tour.session import figures_of_tour, journal, observe, reference_of_tour

HERE = Path(__file__).parent
FOLDED = "tour-folded"


def go(number: int | None) -> None:
    """Go on to a stop, from 1; one past the last is the end; None leaves the tour."""
    st.session_state.tour = number
    st.session_state[FOLDED] = False


def panel(page: str, number: int) -> None:
    """Draw a stop of the tour, or its end, on a page."""
    if number > len(STOPS) and page == "summary":
        return
    st.html(HERE / "tour.css")
    with st.container(key="tour", gap="small"):
        if number > len(STOPS):
            _end(page)
            return
        stop = STOPS[number - 1]
        observe(stop)
        _head(number, stop)
        if st.session_state.get(FOLDED):
            return
        done = stop.name in journal().numbers
        st.markdown(stop.claim)
        guess(stop, locked=done or stop.name in journal().begun)
        _to_do(stop, page, done=done)
        reference = reference_of_tour()
        if stop.page == page:
            act(stop, reference)
        if done:
            _result(stop)
        _ways(number, done=done)
        if stop.page == page:
            outline(stop.targets)
        if done:
            scroll((".st-key-tour-result",), f"{number}-done", "nearest")
        elif stop.page == page:
            scroll(stop.targets, f"{number}-{page}", "start")
    st.session_state.tour_drawn = (number, done)


def _head(number: int, stop: Stop) -> None:
    """The number and title of the stop, which stay in view, and the fold."""
    with st.container(key="tour-head", horizontal=True, vertical_alignment="center"):
        st.markdown(f"Stop {number} of {len(STOPS)} · **{stop.title}**", width="stretch")
        folded = bool(st.session_state.get(FOLDED))
        st.button(
            "",
            key="tour-fold",
            type="tertiary",
            icon=":material/unfold_more:" if folded else ":material/unfold_less:",
            help="Show the tour" if folded else "Fold the tour, to see more of the page",
            on_click=callback(_fold),
        )


def _fold() -> None:
    st.session_state[FOLDED] = not st.session_state.get(FOLDED)


def _to_do(stop: Stop, page: str, *, done: bool) -> None:
    """The act in words, with its state beside it, and the way to its page."""
    to_do = f":material/radio_button_unchecked: **To do.** {stop.do}"
    with st.container(key="tour-to-do"):
        st.markdown(":material/check_circle: **Done.**" if done else to_do)
    target = page_named(stop.page)
    assert target is not None
    if stop.page != page and st.button(
        f"Take me to {target.label}", key="tour-there", icon=":material/arrow_forward:", type="primary"
    ):
        st.switch_page(f"pages/{stop.page}.py")


def _result(stop: Stop) -> None:
    """Your guess, the statement in your numbers, and what the stop does not show."""
    with st.container(key="tour-result", gap="xsmall"):
        if (shown := figures_of_tour()) is None:
            st.markdown("This lab has no reference runs to compare with: `python -m labcore sweep tour` makes them.")
            return
        st.markdown(guess_in_words(stop, journal(), shown))
        st.markdown(unbroken(stop.statement(journal().numbers[stop.name], shown)))
        st.caption(f"**What it does not show.** {stop.limits}")


def _ways(number: int, *, done: bool) -> None:
    """On, back, and out."""
    with st.container(key="tour-ways", horizontal=True, vertical_alignment="center", gap="small"):
        last = number == len(STOPS)
        st.button(
            "Finish" if last and done else "Next" if done else "Skip this stop",
            key="tour-next",
            type="primary" if done else "tertiary",
            on_click=callback(go),
            args=(number + 1,),
        )
        st.button(
            "Back",
            key="tour-back",
            type="tertiary",
            disabled=number == 1,
            on_click=callback(go),
            args=(number - 1,),
        )
        st.button("Leave the tour", key="tour-leave", type="tertiary", on_click=callback(go), args=(None,))


def _end(page: str) -> None:
    """The end: the way to what you found."""
    st.markdown(":material/flag: **That was the chapter.** What you found is on a page of its own.")
    with st.container(key="tour-ways", horizontal=True, gap="small"):
        if st.button("See what you found", key="tour-summary", type="primary"):
            st.switch_page("pages/summary.py")
        st.button("Back", key="tour-back", type="tertiary", on_click=callback(go), args=(len(STOPS),))
        st.button("Leave the tour", key="tour-leave", type="tertiary", on_click=callback(go), args=(None,))
