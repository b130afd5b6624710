"""Widgets bound to the spec: each shows a value of the spec, and commits what you change.

A widget takes the spec's value before it is drawn, and its callback writes the new value into the spec. So the spec
stays the single source of truth, and a preset, an undo or a link moves every widget. An assignment can fix a control,
which then shows its value and keeps it, or hide it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.config.spec import Spec, SpecError
from ui.shell import state
from ui.shell.guard import callback

FIXED = "**Fixed in this assignment.** To change it, leave the assignment at the top of the page."


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
    """Draw a widget that shows `value`; if you change it, `commit` makes the new spec from its new value.

    control: its name in `labcore.config.assignment.controls`; None if no assignment can fix it.
    put: what takes the new spec, if it is not the session's: for example the attempt at the exercise.
    most: the maximum length of a text field, in characters. A longer text stays in the field, with an error.
    """
    if control is not None and state.hidden(control):
        return

    def changed() -> None:
        new = st.session_state[key]
        if new is None or (most is not None and len(new) > most):  # an emptied number field keeps the old value
            return
        try:
            put(commit(new))
        except SpecError as error:
            st.session_state.form_error = str(error)

    refused = most is not None and len(st.session_state.get(key) or "") > most
    if not refused and (key not in st.session_state or st.session_state[key] != value):
        # Only then: a value that is set again moves the slider back while you still drag it.
        st.session_state[key] = value
    options |= _default(draw, value, options)
    if control is None or not state.fixed(control):
        draw(key=key, on_change=callback(changed), **options)
        if most is not None:
            fits(st.session_state[key], most, "The previous text is kept.")
        return
    with st.container(key=f"locked-{key}"):
        draw(key=key, **{**options, "disabled": True, "help": f"{FIXED}\n\n{options.get('help', '')}".strip()})


def _default(draw: Callable[..., Any], value: object, options: Mapping[str, Any]) -> dict[str, object]:
    """The widget's own default: the value that it shows.

    Streamlit sends a value that session state sets only once. If a busy server drops that message, because the next
    rerun has begun, the browser takes the default: a slider's minimum, which the next click would commit.
    """
    name = "value"
    if "options" in options:
        offered = options["options"]
        if not all(each in offered for each in (value if isinstance(value, list) else [value])):
            return {}  # a link may ask for what is not offered; the page then shows why no student can be built
        match draw.__name__:
            case "selectbox" | "radio":
                name, value = "index", offered.index(value)
            case "pills" | "segmented_control":
                name = "default"
    return {name: value}


def typed(draw: Callable[..., str], label: str, most: int, **options: Any) -> str | None:
    """The text in a field that is bound to no spec; None, after an error with both lengths, if it is too long.

    Streamlit's own limit silently cuts a longer text when you paste it, so no field uses that limit.
    """
    text = draw(label, **options)
    return text if fits(text, most) else None


def fits(text: str, most: int, kept: str = "") -> bool:
    """Whether a text has at most `most` characters; if not, draw an error with both lengths."""
    if len(text) <= most:
        return True
    st.error(
        f"This text has {len(text):,} characters; give at most {most:,}. {kept}".strip(), icon=":material/short_text:"
    )
    return False


def with_distil(**changes: Any) -> Spec:
    """The current spec with these training settings; not the spec as drawn, because another control may have moved."""
    spec = state.spec()
    return replace(spec, distil=replace(spec.distil, **changes))


def show_form_error() -> None:
    """Show, once, why the last change was refused."""
    if "form_error" in st.session_state:
        st.error(f"Not changed: {st.session_state.pop('form_error')}")
