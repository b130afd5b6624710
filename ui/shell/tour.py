"""The tour's panel above each page: the current step, what to do, and a tick once it is done."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec
from labcore.guide.tour import STEPS, Facts, TourStep
from labcore.results.run import Run
from labcore.runs.store import RunNotFound
from ui.shell import state
from ui.shell.guard import callback


def begin() -> None:
    """Begin at the first step, with a copy of the teacher and no run."""
    if state.allows(Spec()):
        state.take(Spec())
    state.show_run(None)
    for name in ("facts", "shortcut_test", "toured"):
        st.session_state.pop(name, None)
    _go(1)


def tour_invitation() -> None:
    """Draw, on the first page, the button that begins the tour; nothing if a tour is on."""
    if state.tour() is None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**New here?** The tour takes you through the chapter in {len(STEPS)} steps, one task each.")
            st.button("Take the tour", key="tour-begin", icon=":material/signpost:", on_click=callback(begin))


def tour_panel(page: str) -> None:
    """Draw the current step if a tour is on."""
    number = state.tour()
    if number is None:
        return
    with st.container(key="tour", border=True, gap="xsmall"):
        if not 1 <= number <= len(STEPS):
            _end(len(STEPS))
            return
        step = STEPS[number - 1]
        _observe()
        st.markdown(f"Step {number} of {len(STEPS)} · **{step.title}**")
        st.markdown(step.text)
        done = _done(number, step)
        tick = ":material/check_circle: **Done.**" if done else ":material/radio_button_unchecked: **To do:**"
        st.markdown(f"{tick} {step.do}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if step.page != page and st.button("Take me there", key="tour-there", icon=":material/arrow_forward:"):
                st.switch_page(f"pages/{step.page}.py")
            if step.offer is not None and step.page == page:
                st.button(
                    "Take the tour's student",
                    key="tour-offer",
                    on_click=callback(state.take),
                    args=(step.offer,),
                    disabled=done,
                )
            st.button(
                "Next", key="tour-next", type="primary", disabled=not done, on_click=callback(_go), args=(number + 1,)
            )
            st.button(
                "Back",
                key="tour-back",
                type="tertiary",
                disabled=number == 1,
                on_click=callback(_go),
                args=(number - 1,),
            )
            if not done:
                st.button(
                    "Skip this step", key="tour-skip", type="tertiary", on_click=callback(_go), args=(number + 1,)
                )
            st.button("Leave the tour", key="tour-leave", type="tertiary", on_click=callback(_go), args=(None,))
    st.session_state.tour_step = (number, step, done)


def redraw_if_done() -> None:
    """After a page has run: draw it again if it has completed the step that its panel still shows as open."""
    number, step, done = st.session_state.pop("tour_step", (None, None, True))
    if number is not None and number == state.tour() and not done:
        _observe()
        if _done(number, step):
            st.rerun()


def _end(steps: int) -> None:
    st.markdown(":material/flag: **That was the chapter.** Your work stays: the address of this page brings it back.")
    with st.container(horizontal=True, gap="small"):
        st.button("Leave the tour", key="tour-leave", type="primary", on_click=callback(_go), args=(None,))
        st.button("Back", key="tour-back", type="tertiary", on_click=callback(_go), args=(steps,))


def _go(number: int | None) -> None:
    st.session_state.tour = number


def _done(number: int, step: TourStep) -> bool:
    """Whether the step is done; it stays done as long as this browser is open."""
    toured: set[int] = st.session_state.setdefault("toured", set())
    if step.done(st.session_state.facts):
        toured.add(number)
    return number in toured


def _observe() -> None:
    """Add what the session holds now to the facts."""
    now, known = st.session_state, st.session_state.get("facts") or Facts(state.spec())
    tested = {now.shortcut_test[1].word} if now.get("shortcut_test") else set()
    now.facts = replace(
        known,
        spec=state.spec(),
        run=_run(),
        pictures=known.pictures | _value_of("look"),
        predicted=known.predicted or bool(str(now.get("asked") or "").strip()),
        words=known.words | tested,
        sizes=known.sizes | _value_of("size"),
        acceptable_losses=known.acceptable_losses | _value_of("capacity-distance"),
        weights=known.weights | _value_of("mimicry-hard"),
        attempt=state.attempt_id() is not None,
    )


def _value_of(key: str) -> set[str]:
    """The value of a control of the current page, as a set of one or none."""
    value = st.session_state.get(key)
    return set() if value is None else {str(value)}


def _run() -> Run | None:
    """The run that the browser shows; None if this lab does not have it."""
    run = state.run_id()
    try:
        return state.store().read(run) if run else None
    except RunNotFound:
        return None
