"""Widgets bound to the spec: each shows what the spec says, and commits what the person changes.

A widget is given the spec's value before it is drawn, and its callback writes the new value into the spec;
so the spec stays the only truth, and a preset, an undo or a link moves every widget. A lesson that a person was given
by a link may fix a control, which then shows its value and keeps it, or hide it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.config.spec import Spec, SpecError
from ui.shell import state
from ui.shell.guard import callback

FIXED = "**Fixed in this lesson.** Leave the lesson, at the top of the page, to change it."


def bound(
    draw: Callable[..., Any],
    key: str,
    value: object,
    commit: Callable[[Any], Any],
    *,
    control: str | None = None,
    put: Callable[[Any], None] = state.change,
    most: int | None = None,
    **options: Any,
) -> None:
    """Draw a widget that shows `value`; when the person changes it, `commit` makes the new spec of its new value.

    control: what it sets, as `labcore.config.assignment.CONTROLS` names it; None for what no lesson can fix.
    put: where the new spec goes; another than the session's for what is no spec, such as an attempt at the exercise.
    most: the characters of a text field; a text that is longer stays in the field and is not taken, and a sentence says so.
    """
    if control is not None and state.hidden(control):
        return

    def changed() -> None:
        new = st.session_state[key]
        if new is None or (most is not None and len(new) > most):  # a number field that was emptied: keep what was
            return
        try:
            put(commit(new))
        except SpecError as error:
            st.session_state.form_error = str(error)

    refused = most is not None and len(st.session_state.get(key) or "") > most
    if not refused and (key not in st.session_state or st.session_state[key] != value):
        # Only then: a value that is set anew moves the slider back under the hand of someone who moves it again.
        st.session_state[key] = value
    if control is None or not state.fixed(control):
        draw(key=key, on_change=callback(changed), **options)
        if most is not None:
            fits(st.session_state[key], most, "What the field held before is kept.")
        return
    with st.container(key=f"locked-{key}"):
        draw(key=key, **{**options, "disabled": True, "help": f"{FIXED}\n\n{options.get('help', '')}".strip()})


def typed(draw: Callable[..., str], label: str, most: int, **options: Any) -> str | None:
    """The text in a field that is bound to no spec; None if it is too long, after a sentence with both numbers.

    Streamlit's own limit drops a longer text that is pasted without a word, so no field has one.
    """
    text = draw(label, **options)
    return text if fits(text, most) else None


def fits(text: str, most: int, kept: str = "") -> bool:
    """Whether a text has at most `most` characters; if not, a sentence says so."""
    if len(text) <= most:
        return True
    st.error(
        f"This text has {len(text):,} characters; give at most {most:,}. {kept}".strip(), icon=":material/short_text:"
    )
    return False


def with_distil(**changes: Any) -> Spec:
    """The spec as it is now, not as it was drawn, with the lesson changed: another control may have been moved meanwhile."""
    spec = state.spec()
    return replace(spec, distil=replace(spec.distil, **changes))


def show_form_error() -> None:
    """Tell, once, why the last change was not taken."""
    if "form_error" in st.session_state:
        st.error(f"Not changed: {st.session_state.pop('form_error')}")
