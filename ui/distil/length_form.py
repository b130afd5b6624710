"""The length of the training, in epochs, steps or seconds."""

from __future__ import annotations

from typing import Any

import streamlit as st

from labcore.config.spec import DistilConfig, Spec
from ui.shell import state
from ui.shell.bound import bound, with_distil

FIRST: dict[str, Any] = {"steps": 400, "seconds": 60.0}  # the first value of each unit


def length_form(config: DistilConfig) -> None:
    """The unit of the length, and its number."""
    unit = "seconds" if config.seconds is not None else "steps" if config.steps is not None else "epochs"
    bound(
        st.segmented_control,
        "length",
        unit,
        _with_unit,
        control="distil.length",
        label="Length in",
        options=["epochs", "steps", "seconds"],
        required=True,
        help="An epoch takes each training example once. A step takes one batch. Seconds are a budget of time: the "
        "number of steps in it depends on the machine, and smaller students take more.",
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
            help="How often each training example is used.",
        )


def _with_unit(unit: str) -> Spec:
    """The spec with its length in another unit: the last value in that unit, or its first."""
    config, last = state.spec().distil, st.session_state.setdefault("lengths", dict(FIRST))
    last.update({name: value for name in FIRST if (value := getattr(config, name)) is not None})
    return with_distil(**{name: last[name] if name == unit else None for name in FIRST})
