"""The attempt at the exercise that a browser is at: read from disk, and written back whole with each change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import keep, kept
from labcore.teacher.built_in import BUILT_IN
from labcore.views.teacher_names import short_name
from ui.shell import state
from ui.shell.bound import bound

FIRST = "reviews"  # the teacher, if the session's is not built in
PATH = (
    ("Design", "three students of one teacher, of three sizes"),
    ("Count", "the parameters of all four with `count_parameters`, which you write and run on your own machine"),
    ("Predict", "which of the three will trade accuracy for size best, after a short lesson for all"),
    ("Run", "all three, in the background"),
    ("Choose", "one, with your reason, once the results are shown"),
    ("Hand in", "one file, whose figures are computed again from what you designed"),
)


def current_attempt() -> Attempt | None:
    """The attempt of the address; None where it has none, or one that is not on this server."""
    attempt = state.attempt_id()
    return None if attempt is None else kept(attempt, state.store())


def current() -> Attempt:
    """The attempt as it is on disk now, not as the page was drawn: another control may have changed it meanwhile."""
    attempt = current_attempt()
    assert attempt is not None
    return attempt


def note(new: Attempt) -> None:
    """Keep a changed attempt; where a prediction goes with the change, the page says so once."""
    before = current_attempt()
    keep(new, state.store())
    if before is not None and before.prediction is not None and new.prediction is None:
        st.session_state.prediction_gone = True


def noted(draw: Callable[..., Any], key: str, value: object, commit: Callable[[Any], Attempt], **options: Any) -> None:
    """A widget that shows `value` of the attempt and keeps what the person changes."""
    bound(draw, key, value, commit, put=note, **options)


def begin_form() -> None:
    """What the exercise is, and the way into it."""
    if state.attempt_id() is not None:
        st.warning("This link's attempt is not on this server; it may be another's. Begin one of your own.")
    st.markdown(
        "Shrink one :blue[teacher] in three ways, and find out which :orange[student] was worth having. You commit yourself "
        "*before* you see: that is how one learns what compression costs."
    )
    st.markdown("\n".join(f"{i}. **{title}**: {what}" for i, (title, what) in enumerate(PATH, 1)))
    st.markdown(
        "All is kept as you go: this page's address, once you have begun, is the way back to it, on any device. Whoever has "
        "it can go on with it, so keep it to yourself."
    )
    teacher = state.spec().teacher
    if teacher not in BUILT_IN:
        st.info(
            f"The exercise takes built-in teachers only, so it begins with `{FIRST}`, not with `{short_name(teacher)}`.",
            icon=":material/folder:",
        )
    if st.button("Begin the exercise", key="begin", type="primary", icon=":material/play_arrow:"):
        attempt = replace(Attempt(new_id()), teacher=teacher if teacher in BUILT_IN else FIRST)
        note(attempt)
        state.go_on_with(attempt.id)
        st.rerun()


def show_prediction_gone() -> None:
    """Tell, once, that a change has taken the prediction with it."""
    if st.session_state.pop("prediction_gone", False):
        again = current().again
        words = " It is noted that you have seen results already." if again else ""
        st.warning(
            f"You changed what is predicted, so your prediction is cleared: predict anew.{words}",
            icon=":material/restart_alt:",
        )
