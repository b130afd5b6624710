"""Balance: loss weights from the wanted share of the gradient for each term, by measuring gradient norms."""

from __future__ import annotations

import streamlit as st

from labcore.config.loss_terms import LOSS_TERMS, LossTerm
from labcore.config.spec import Spec, SpecError
from labcore.results.events import GradientNorms
from labcore.teacher.built_in import has_weights
from labcore.views.words import percent
from ui.shell import server, state
from ui.shell.bound import with_distil
from ui.shell.popover import close_popover, closing_popover

BALANCING = "balancing"


def balance(spec: Spec) -> None:
    """The button, and behind it a wanted share for each term with a weight."""
    terms = [term for term in LOSS_TERMS if getattr(spec.distil, term.name) > 0]
    possible = len(terms) > 1 and has_weights(spec.teacher)
    if any(state.fixed(f"distil.{term.name}") for term in terms):
        return
    with closing_popover(BALANCING, "Balance the weights", icon=":material/balance:", disabled=not possible):
        st.markdown("**Share of the gradient at the first step**")
        st.caption(
            "A term's share of the gradient is its weight times its gradient norm, divided by the sum over all terms. "
            "The norms differ by far more than weights. Set the shares: the weights follow, and their sum stays."
        )
        with st.container(horizontal=True):
            wanted = {term.name: _share(term, len(terms)) for term in terms}
        if st.button(
            "Measure and set", key="balance", icon=":material/balance:", type="primary", disabled=not possible
        ):
            _balance(spec, wanted)
    if (result := st.session_state.get("balanced")) is not None and result[0] == state.spec():
        st.success(result[1])


def _share(term: LossTerm, terms: int) -> float:
    """The wanted share in percent; equal shares at first."""
    return st.number_input(
        f"{term.name.capitalize()}, %",
        min_value=0,
        max_value=100,
        value=round(100 / max(1, terms)),
        step=5,
        key=f"share-{term.name}-of-{terms}",
        width=120,
    )


def _balance(spec: Spec, wanted: dict[str, float]) -> None:
    """Measure the gradient norms, set the weights, and show the shares before and after."""
    with st.spinner("Measuring each term's gradient…", show_time=True):
        server.jobs().wait_until_loaded()
        # Late, because they import torch, which the page itself must not wait for.
        from labcore.distil.balance import balanced
        from labcore.runs.cache import gradients_at_start
        from labcore.runs.execute import assistant_of

        try:
            measured = gradients_at_start(spec, assistant_of(spec, server.store()))
            weights = balanced({name: getattr(spec.distil, name) for name in wanted}, measured.norms, wanted)
            # Four digits are readable, and far more precise than the measurement.
            new = with_distil(**{name: float(f"{weight:.4g}") for name, weight in weights.items()})
            state.change(new)
        except SpecError as error:
            st.error(f"Not balanced: {error}.")
            return
    now = GradientNorms(0, measured.norms, new.distil.values_at(0.0))
    st.session_state.balanced = (
        new,
        f"The shares of the gradient at the first step were {_shares(measured, wanted)}. Now they are "
        f"{_shares(now, wanted)}.",
    )
    close_popover(BALANCING)  # it would cover the sliders that have moved
    st.rerun()


def _shares(measured: GradientNorms, terms: dict[str, float]) -> str:
    return ", ".join(f"{name} {percent(measured.shares[name])}" for name in terms)
