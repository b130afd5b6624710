"""The attempt of a browser's address: read from disk, and written back whole with each change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.exercise.stages import Name
from labcore.teacher.built_in import BUILT_IN
from labcore.views.teacher_names import short_name
from ui.shell import state
from ui.shell.bound import bound

FIRST = Attempt.teacher  # if the session's teacher is not built in
OUTLINE: dict[Name, str] = {
    "design": "three students of one teacher, of three sizes",
    "count": "the parameters of all four with `count_parameters`, which you write and run on your own machine",
    "predict": "which of the three will be the best trade-off of accuracy and size after a short training",
    "run": "all three, in the background",
    "choose": "one, with your reason, once you see the results",
    "submit": "one file; a grader recomputes every result from your designs",
}


def current_attempt() -> Attempt | None:
    """The attempt of the address; None if it has none, or one that is not on this server."""
    attempt = state.attempt_id()
    return None if attempt is None else load_attempt(attempt, state.store())


def current() -> Attempt:
    """The attempt as it is on disk now; another control may have changed it since the page was drawn."""
    attempt = current_attempt()
    assert attempt is not None
    return attempt


def save(new: Attempt) -> None:
    """Save a changed attempt; if the change clears the prediction, the page shows that once."""
    before = current_attempt()
    save_attempt(new, state.store())
    if before is not None and before.prediction is not None and new.prediction is None:
        st.session_state.prediction_gone = True


def bound_to_attempt(
    draw: Callable[..., Any], key: str, value: object, commit: Callable[[Any], Attempt], **options: Any
) -> None:
    """A widget that shows `value` of the attempt and saves what the person changes."""
    bound(draw, key, value, commit, put=save, **options)


def begin_form() -> None:
    """What the exercise is, and the way into it."""
    if state.attempt_id() is not None:
        st.warning("This link's attempt is not on this server; it may be on another one. Begin an attempt of your own.")
    st.markdown(
        "Shrink one :blue[teacher] in three ways, and discover which :orange[student] was worth having. You commit "
        "yourself *before* you see the results, so that they can surprise you: surprises show what compression costs."
    )
    st.markdown("\n".join(f"{i}. **{name.capitalize()}**: {what}" for i, (name, what) in enumerate(OUTLINE.items(), 1)))
    st.markdown(
        "The lab saves everything as you go. Once you have begun, this page's address is the way back to it, on any "
        "device. Whoever has the address can change your attempt, so keep it to yourself."
    )
    teacher = state.spec().teacher
    if teacher not in BUILT_IN:
        st.info(
            f"The exercise works with built-in teachers only: it begins with `{FIRST}`, not `{short_name(teacher)}`.",
            icon=":material/folder:",
        )
    if st.button("Begin the exercise", key="begin", type="primary", icon=":material/play_arrow:"):
        attempt = replace(Attempt(new_id()), teacher=teacher if teacher in BUILT_IN else FIRST)
        save(attempt)
        state.go_on_with(attempt.id)
        st.rerun()


def show_prediction_gone() -> None:
    """Show, once, that a change has cleared the prediction."""
    if st.session_state.pop("prediction_gone", False):
        again = current().again
        words = " Your submission will note that you had seen results." if again else ""
        st.warning(
            f"You changed the students or their training, so your prediction is cleared: predict again.{words}",
            icon=":material/restart_alt:",
        )
