"""The attempt of a browser's address: read from the store, and written back whole with each change."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.config.spec import SpecError
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, owner_of_attempt, save_attempt, save_if_unchanged
from labcore.exercise.stages import Name
from labcore.exercise.teacher_here import teacher_problem
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.own_teachers import is_own
from labcore.views.markdown import escaped
from labcore.views.teacher_names import in_markdown
from ui.shell import server, state
from ui.shell.bound import bound
from ui.shell.guard import callback
from ui.shell.owner import person, why_not
from ui.shell.sharing import shared

FIRST = Attempt.teacher  # if the session's teacher is not built in
TRIES = 20  # to save a change while another tab changes the same attempt
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
    return None if attempt is None else load_attempt(attempt, server.store())


def own_attempt() -> Attempt | None:
    """The attempt of the address, if the person may change it; else None."""
    attempt = current_attempt()
    return None if attempt is None or why_not_change(attempt) else attempt


def why_not_change(attempt: Attempt) -> str | None:
    """Why the person may not change an attempt; None if the person may."""
    return why_not(owner_of_attempt(attempt.id, server.store()), "exercise", "change")


def current() -> Attempt:
    """The attempt as it is in the store now; another control may have changed it since the page was drawn."""
    attempt = current_attempt()
    assert attempt is not None
    return attempt


def save_new(attempt: Attempt) -> None:
    """Save an attempt that begins."""
    save_attempt(attempt, server.store(), person())


def update(make: Callable[[], Attempt]) -> Attempt:
    """Save the attempt that `make` makes of the `current` one, and return it. Raises SpecError.

    If another tab changes the attempt at the same moment, it is made again, of that change.
    """
    for _ in range(TRIES):
        if save_if_unchanged(new := make(), server.store(), person()):
            return new
    raise SpecError("another window keeps changing this exercise; close it, then try again")


def change(make: Callable[[], Attempt]) -> None:
    """`update`, but a change that clears a prediction or a choice waits for the dialog of `ui.exercise.clearing`.

    Raises SpecError if the change is not allowed.
    """
    for _ in range(TRIES):
        before, new = current(), make()
        if before.signature != new.signature:
            continue  # another tab changed it in between
        if before.cleared_in(new):
            st.session_state.clearing_change = make
            return
        if save_if_unchanged(new, server.store(), person()):
            return
    raise SpecError("another window keeps changing this exercise; close it, then try again")


def bound_to_attempt(
    draw: Callable[..., Any], key: str, value: object, commit: Callable[[Any], Attempt], **options: Any
) -> None:
    """A widget that shows `value` of the attempt and saves what the person changes.

    commit: makes the new attempt of the `current` one and the widget's new value.
    """
    bound(draw, key, value, lambda new: functools.partial(commit, new), put=change, **options)


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
        "The lab saves everything as you go. Once you have begun, this page's address is the way back to it, "
        f"{_who_can_change()}"
    )
    teacher = state.spec().teacher
    usable = _usable(teacher)
    if not usable:
        st.info(
            "The exercise takes built-in teachers, and those that were made or brought on the page *Data*: it begins "
            f"with `{FIRST}`, not with {in_markdown(teacher)}.",
            icon=":material/folder:",
        )
    elif teacher not in BUILT_IN:
        st.caption(f"It begins with your current teacher, :blue[{in_markdown(teacher)}].")
    if st.button("Begin the exercise", key="begin", type="primary", icon=":material/play_arrow:"):
        attempt = replace(Attempt(new_id()), teacher=teacher if usable else FIRST)
        save_new(attempt)
        state.go_on_with(attempt.id)
        st.rerun()


def _who_can_change() -> str:
    if shared():
        return "in this browser. Another one that has the address sees your students, and can't change your attempt."
    return "on any device. Whoever has the address can change your attempt, so keep it to yourself."


def _usable(teacher: str) -> bool:
    return teacher in BUILT_IN or (is_own(teacher) and not teacher_problem(Attempt(new_id(), teacher=teacher)))


def show_teacher_missing(attempt: Attempt) -> bool:
    """Draw why an attempt can't go on if its teacher is not on this machine, and a way on; return whether it is so."""
    if not (problem := teacher_problem(attempt)):
        return False
    st.error(f"This attempt can't go on here: {escaped(problem)}.", icon=":material/folder_off:")
    st.button(
        f"Go on with {FIRST}",
        key="without-own-teacher",
        on_click=callback(lambda: update(lambda: current().with_teacher(FIRST))),
        help="Your three designs stay; your counts and your prediction do not.",
    )
    return True
