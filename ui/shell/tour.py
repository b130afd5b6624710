"""The guided tour's panel above each page: where one is, what to do, and a tick once it is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec
from labcore.guide.tour import Facts, TourStep, tour
from labcore.results.record import Run
from labcore.runs.store import RunNotFound
from ui.shell import state
from ui.shell.guard import callback


def begin() -> None:
    """Start at the first step, with a copy of the teacher and no run."""
    if state.allows(Spec()):
        state.take(Spec())
    state.look_at(None)
    for name in ("facts", "suspicion", "toured"):
        st.session_state.pop(name, None)
    _go(1)


def tour_invitation(pages: Collection[str]) -> None:
    """On the first page: the way in, where no tour is on."""
    if state.tour() is None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**New here?** The tour goes through the chapter in {len(tour(pages))} steps, each done by doing it."
            )
            st.button("Take the tour", key="tour-begin", icon=":material/signpost:", on_click=callback(begin))


def tour_panel(page: str, pages: Collection[str]) -> None:
    """The step that the person is at, if a tour is on."""
    number, steps = state.tour(), tour(pages)
    if number is None:
        return
    with st.container(key="tour", border=True, gap="xsmall"):
        if not 1 <= number <= len(steps):
            _end(len(steps))
            return
        step = steps[number - 1]
        _look()
        st.markdown(f"Step {number} of {len(steps)} · **{step.title}**")
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


def settle() -> None:
    """After a page has run: draw it once more where what it did completes the step that its panel still shows as open."""
    number, step, done = st.session_state.pop("tour_step", (None, None, True))
    if number is not None and number == state.tour() and not done:
        _look()
        if _done(number, step):
            st.rerun()


def _end(steps: int) -> None:
    st.markdown(":material/flag: **That was the chapter.** What you made stays: its address brings it back.")
    with st.container(horizontal=True, gap="small"):
        st.button("Leave the tour", key="tour-leave", type="primary", on_click=callback(_go), args=(None,))
        st.button("Back", key="tour-back", type="tertiary", on_click=callback(_go), args=(steps,))


def _go(number: int | None) -> None:
    st.session_state.tour = number


def _done(number: int, step: TourStep) -> bool:
    """Whether the step is done; what is done once stays so, as long as this browser is open."""
    toured: set[int] = st.session_state.setdefault("toured", set())
    if step.done(st.session_state.facts):
        toured.add(number)
    return number in toured


def _look() -> None:
    """Add what can be seen now to the facts."""
    now, known = st.session_state, st.session_state.get("facts") or Facts(state.spec())
    tested = {now.shortcut_test[1].word} if now.get("suspicion") else set()
    now.facts = replace(
        known,
        spec=state.spec(),
        run=_run(),
        pictures=known.pictures | _said("look"),
        asked=known.asked or bool(str(now.get("asked") or "").strip()),
        words=known.words | tested,
        sizes=known.sizes | _said("size"),
        distances=known.distances | _said("capacity-distance"),
        weights=known.weights | _said("mimicry-hard"),
        attempt=state.attempt_id() is not None,
    )


def _said(key: str) -> set[str]:
    """What a control of the page at hand says, as a set of one or none."""
    said = st.session_state.get(key)
    return set() if said is None else {str(said)}


def _run() -> Run | None:
    """The run that the person looks at, where this lab has it."""
    run = state.run_id()
    try:
        return state.store().read(run) if run else None
    except RunNotFound:
        return None
