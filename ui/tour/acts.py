"""What you do at a stop in the tour's panel: start a run, measure the teacher, or choose a value."""

from __future__ import annotations

import streamlit as st

from labcore.config.tour_students import ARMS
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.tour_results import mean_curve
from labcore.guide.tour.stop import Choose, Compare, Distil, Measure, Stop
from labcore.results.run import FinishedRun
from labcore.views.tour.tour_curves import revealed_loss
from ui.shell import server
from ui.shell.chart import chart
from ui.shell.guard import callback, queued
from ui.tour.runs import watch_arms
from ui.tour.session import arms_of, choose, journal, keep, runs_of, shown_run, student

EXAMPLES = 256  # on which the teacher is measured


def act(stop: Stop, reference: ReferenceResults | None) -> None:
    """Draw the act of a stop, as far as it is in the panel."""
    match stop.act:
        case Measure():
            if stop.name not in journal().numbers:
                st.button(
                    stop.act.label, key="tour-act", type="primary", on_click=callback(_measure), args=(stop.name,)
                )
        case Distil():
            if shown_run() is not None:
                watch_arms(stop, reference)
        case Compare():
            _compare(stop, stop.act.button, reference)
        case Choose():
            _choose(stop, stop.act, reference)
        case _:
            return


def _measure(stop: str) -> None:
    server.jobs().wait_until_loaded()
    from labcore.runs.teacher_accuracy import teacher_accuracy  # imports torch

    choose(stop, teacher_accuracy("reviews", "reviews", EXAMPLES))


def _compare(stop: Stop, button: str, reference: ReferenceResults | None) -> None:
    """The button that starts the runs which are missing, and the runs."""
    runs = runs_of(arms_of(stop))
    begun = stop.name in journal().begun
    missing = [arm for arm in arms_of(stop) if arm not in runs]
    if not begun or missing:
        st.button(button, key="tour-act", type="primary", on_click=callback(_run), args=(stop.name, tuple(missing)))
    if journal().student is None:
        st.caption("You have not distilled a student of your own, so the tour's student takes its place.")
    if begun:
        watch_arms(stop, reference)


def _run(stop: str, missing: tuple[str, ...]) -> None:
    """Queue a run of each missing arm; a run that this lab has already is shared."""
    if missing and queued(*(ARMS[arm](student()) for arm in missing)) is None:
        return
    keep(journal().began(stop))


def _choose(stop: Stop, act: Choose, reference: ReferenceResults | None) -> None:
    """A slider of the panel with the button that takes its value; what it needs must have run before."""
    if act.control:
        return
    runs = runs_of(act.needs)
    missing = tuple(arm for arm in act.needs if arm not in runs)
    if missing or not all(isinstance(run, FinishedRun) for run in runs.values()):
        st.button(
            "Run the students that are missing",
            key="tour-act",
            type="primary",
            on_click=callback(_run),
            args=(stop.name, missing),
            disabled=not missing,
        )
        watch_arms(stop, reference)
        return
    key = f"tour-choice-{stop.name}"
    value: float = st.select_slider(
        act.label,
        act.options,
        key=key,
        format_func=lambda each: f"{each:g} {act.unit}" if each > 1 or each == 0 else f"{100 * each:.0f} {act.unit}",
    )
    if stop.name == "monitoring" and reference is not None:
        curve = mean_curve(reference, "long")
        chart(
            revealed_loss(curve, curve[-1].step if stop.name in journal().numbers else value),
            key="tour-revealed",
            height=220,
            alt="Recorded loss on validation examples against training steps, as far as the slider.",
        )
    st.button(act.button, key="tour-act", type="primary", on_click=callback(_take), args=(stop.name, key))


def _take(stop: str, key: str) -> None:
    """Choose what the slider holds now: it may have moved since the page was drawn."""
    choose(stop, st.session_state[key])
