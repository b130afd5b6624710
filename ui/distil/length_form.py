"""How long the lesson lasts: epochs, steps or seconds."""

from __future__ import annotations

from typing import Any

import streamlit as st

from labcore.config.spec import DistilConfig, Spec
from ui.shell import state
from ui.shell.bound import bound, with_distil

FIRST: dict[str, Any] = {"steps": 400, "seconds": 60.0}  # where a length of this kind begins


def length_form(config: DistilConfig) -> None:
    """What the length is counted in, and its number."""
    kind = "seconds" if config.seconds is not None else "steps" if config.steps is not None else "epochs"
    bound(
        st.segmented_control,
        "length",
        kind,
        _counted_in,
        control="distil.length",
        label="Length, counted in",
        options=["epochs", "steps", "seconds"],
        required=True,
        help="An epoch reads each sentence once. A step reads one batch. Seconds are a budget of time: what a student can "
        "learn in them depends on the machine, and small students get further.",
    )
    if config.seconds is not None:
        bound(
            st.number_input,
            "seconds",
            float(config.seconds),
            lambda n: with_distil(seconds=n),
            control="distil.length",
            label="Seconds",
            min_value=min(1.0, float(config.seconds)),
            max_value=86_400.0,
            step=15.0,
            format="%g",
        )
    elif config.steps is not None:
        bound(
            st.number_input,
            "steps",
            config.steps,
            lambda n: with_distil(steps=int(n)),
            control="distil.length",
            label="Steps",
            min_value=1,
            max_value=1_000_000,
            step=50,
        )
    else:
        bound(
            st.slider,
            "epochs",
            config.epochs,
            lambda n: with_distil(epochs=n),
            control="distil.length",
            label="Epochs",
            min_value=1,
            max_value=max(10, config.epochs),
            help="How often the student sees each of the sentences.",
        )


def _counted_in(kind: str) -> Spec:
    """The spec with a length of another kind, as it was left, or where it begins."""
    config, left = state.spec().distil, st.session_state.setdefault("lengths", dict(FIRST))
    left.update({name: value for name in FIRST if (value := getattr(config, name)) is not None})
    return with_distil(**{name: left[name] if name == kind else None for name in FIRST})
