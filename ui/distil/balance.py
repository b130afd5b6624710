"""Balance: weights of the loss from the shares of the pull that each part shall have, by measuring gradients."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.config.training import PARTS
from labcore.results.events import GradientNorms
from labcore.teacher.built_in import has_weights
from labcore.views.words import percent
from ui.shell import state
from ui.shell.bound import with_distil


def balance(spec: Spec) -> None:
    """The button, and what it asks for: a share for each part with a weight."""
    parts = [part for part in PARTS if getattr(spec.distil, part) > 0]
    possible = len(parts) > 1 and has_weights(spec.teacher)
    if any(state.fixed(f"distil.{part}") for part in parts):
        return
    with st.popover(
        "Balance the weights", icon=":material/balance:", width="stretch", disabled=not possible, key="balancing"
    ):
        st.caption(
            "A part pulls at the student by its weight times the length of its gradient, and gradients differ in length by far "
            "more than weights do. Say how the pull shall be shared at the start; the weights follow, their sum stays."
        )
        with st.container(horizontal=True):
            wanted: dict[str, float] = {
                part: st.number_input(
                    f"{part.capitalize()}, %",
                    min_value=0,
                    max_value=100,
                    value=round(100 / max(1, len(parts))),
                    step=5,
                    key=f"share-{part}-of-{len(parts)}",
                    width=120,
                )
                for part in parts
            }
        if st.button(
            "Measure and set", key="balance", icon=":material/balance:", type="primary", disabled=not possible
        ):
            _balance(spec, wanted)
        if (shown := st.session_state.get("balanced")) is not None and shown[0] == state.spec():
            st.success(shown[1])


def _balance(spec: Spec, wanted: dict[str, float]) -> None:
    with st.spinner("Measuring each part's gradient…", show_time=True):
        state.jobs().wait_until_loaded()
        from labcore.distil.balance import balanced
        from labcore.runs.cache import gradients_at_start
        from labcore.runs.execute import assistant_of

        try:
            measured = gradients_at_start(spec, assistant_of(spec, state.store()))
            weights = balanced({part: getattr(spec.distil, part) for part in wanted}, measured.norms, wanted)
            # Four digits: what a person can read, and far finer than a share is known.
            new = with_distil(**{part: float(f"{weight:.4g}") for part, weight in weights.items()})
            state.change(new)
        except SpecError as error:
            st.error(f"Not balanced: {error}.")
            return
    now = GradientNorms(0, measured.norms, new.distil.at(0.0))
    st.session_state.balanced = (
        new,
        f"The shares of the pull at the start were {_shares(measured, wanted)}; now they are {_shares(now, wanted)}.",
    )
    st.rerun()


def _shares(measured: GradientNorms, parts: dict[str, float]) -> str:
    return ", ".join(f"{part} {percent(measured.shares[part])}" for part in parts)
