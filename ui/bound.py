"""Widgets bound to the spec: each shows what the spec says, and commits what the person changes.

A widget is given the spec's value before it is drawn, and its callback writes the new value into the spec;
so the spec stays the only truth, and a preset, an undo or a link moves every widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.spec import Spec, SpecError
from ui import state


def bound(
    draw: Callable[..., Any],
    key: str,
    value: object,
    commit: Callable[[Any], Any],
    *,
    put: Callable[[Any], None] = state.change,
    **options: Any,
) -> None:
    """Draw a widget that shows `value`; when the person changes it, `commit` makes the new spec of its new value.

    put: where the new spec goes; another than the session's for what is no spec, such as an attempt at the exercise.
    """

    def changed() -> None:
        new = st.session_state[key]
        if new is None:  # a number field that was emptied: keep what was
            return
        try:
            put(commit(new))
        except SpecError as error:
            st.session_state.form_error = str(error)

    if key not in st.session_state or st.session_state[key] != value:
        # Only then: a value that is set anew moves the slider back under the hand of someone who moves it again.
        st.session_state[key] = value
    draw(key=key, on_change=changed, **options)


def with_lesson(**changes: Any) -> Spec:
    """The spec as it is now, not as it was drawn, with the lesson changed: another control may have been moved meanwhile."""
    spec = state.spec()
    return replace(spec, distil=replace(spec.distil, **changes))


def show_form_error() -> None:
    """Tell, once, why the last change was not taken."""
    if "form_error" in st.session_state:
        st.error(f"Not changed: {st.session_state.pop('form_error')}")
