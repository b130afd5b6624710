"""The settings that an assignment fixes, chosen one by one in groups, and which of them it hides."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from labcore.config.assignment import lockable
from labcore.views.controls import control_groups, control_in_group, control_in_words


@dataclass(frozen=True)
class FixedSettings:
    """Names of `labcore.config.assignment.lockable`: those that stay visible, and those that are hidden."""

    locked: tuple[str, ...]
    hidden: tuple[str, ...]


def fixed_settings() -> FixedSettings:
    """Draw the choice, and return what is chosen. A click fixes one setting; no text field can select several."""
    st.markdown("**Fixed settings.** Your class can change all others.")
    offered = [name for name in lockable() if name != "distil.start"]  # a baseline's start has no control
    chosen: set[str] = set()
    for heading, names in control_groups(offered).items():
        chosen |= set(
            st.pills(
                heading,
                names,
                selection_mode="multi",
                wrap=True,
                key=f"assignment-fixed-{heading}",
                format_func=control_in_group,
            )
        )
    fixed = [name for name in offered if name in chosen]
    if not fixed:
        st.caption("Nothing is fixed.")
        return FixedSettings((), ())
    hidden = st.pills(
        "Of these, hidden as well",
        fixed,
        selection_mode="multi",
        wrap=True,
        key="assignment-hidden",
        format_func=control_in_words,
        help="A fixed setting shows its value and a lock. A hidden one is not on the page.",
    )
    return FixedSettings(tuple(name for name in fixed if name not in hidden), tuple(hidden))
