"""The loss controls: the weight of each term, the temperature, the compared states, and the schedule of all these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from labcore.config.loss_terms import LOSS_TERMS, LossTerm, Need
from labcore.config.spec import Spec
from labcore.config.training import MAX_TEMPERATURE, MIN_TEMPERATURE, DistilConfig
from labcore.views.distil.curves import schedules
from labcore.views.distil.formula import POSITIONS
from labcore.views.palette import GONE, faded, rgb, words_in
from labcore.views.words import LAYER_MAPS
from ui.shell import state
from ui.shell.bound import bound, with_distil
from ui.shell.chart import chart

USUAL = tuple(term for term in LOSS_TERMS if term.on_by_default)
MORE = tuple(
    sorted((term for term in LOSS_TERMS if not term.on_by_default), key=lambda term: Need.STATES in term.needs)
)
USUAL_TEMPERATURES = 0.5, 10.0  # the ends of the slider, unless the spec exceeds them


def colour_labels() -> None:
    """Give each control of a loss term its colour, and the formula's terms colours that are readable in either theme.

    By style, because a screen reader would read a label's Markdown as it is written. While a control is under the
    pointer or has the keyboard's focus, the other terms of the formula fade.
    """
    rules = []
    for term in LOSS_TERMS:
        keys = [term.name, f"final-{term.name}"]
        if Need.TEMPERATURE in term.needs:
            keys += ["temperature", "final-temperature"]
        labels = ", ".join([*(f".st-key-{key} label p" for key in keys), f"[class*=st-key-share-{term.name}] label p"])
        own = f":is([style*='rgb{rgb(term.colour)}'], [style*='{term.colour}'])"  # as React writes it, and KaTeX
        held = ", ".join(f".st-key-{key}:is(:hover, :focus-within)" for key in keys)
        others = f".katex-html [style*=color]:not({own})"
        rules += [
            f"{labels}, .st-key-formula {own} {{color: {words_in(term.colour)} !important}}",
            f"body:has({held}) .st-key-formula {others} {{color: {faded(GONE, 0.5)} !important}}",
        ]
    st.html(f"<style>{' '.join(rules)}</style>")


def loss_form(config: DistilConfig) -> None:
    """The usual loss terms, and the temperature."""
    colour_labels()
    _weights(config, USUAL)
    _temperature(
        "temperature",
        config.temperature,
        lambda value: with_distil(temperature=value),
        control="distil.temperature",
        label="Temperature τ",
        help="Softens the probabilities of both models. At 1 they stay as they are; a higher value shows more of the "
        f"less likely classes. A spec or a link can give {MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:,.0f}; above about "
        "100 the loss no longer changes.",
    )


def more_terms_form(config: DistilConfig) -> None:
    """The other loss terms, and the states that they compare."""
    _weights(config, MORE)
    if Need.STATES in config.needs:
        _states(config)


def _weights(config: DistilConfig, terms: Iterable[LossTerm]) -> None:
    for term in terms:
        weight = float(getattr(config, term.name))
        bound(
            st.slider,
            term.name,
            weight,
            partial(_with_weight, term.name),
            control=f"distil.{term.name}",
            label=term.label,
            min_value=0.0,
            max_value=max(1.0, weight),
            step=0.05,
            format="%.3g",
            help=term.help,
        )


def _with_weight(name: str, value: float) -> Spec:
    return with_distil(**{name: value})


def _temperature(key: str, value: float, commit: Any, **options: Any) -> None:
    bound(
        st.slider,
        key,
        float(value),
        commit,
        min_value=min(USUAL_TEMPERATURES[0], float(value)),
        max_value=max(USUAL_TEMPERATURES[1], float(value)),
        step=0.5,
        format="%.3g",
        **options,
    )


def _states(config: DistilConfig) -> None:
    """The positions and the layers of the hidden states that are compared."""
    bound(
        st.segmented_control,
        "hidden_at",
        config.hidden_at,
        lambda position: with_distil(hidden_at=position),
        control="distil.hidden_at",
        label="Hidden states at",
        options=list(POSITIONS),
        format_func=POSITIONS.__getitem__,
        required=True,
        help="[CLS] is the token whose state is classified; the teacher's states at [CLS] are cached with its "
        "logits. All tokens carry more, but then the teacher runs in each step, which takes longer.",
    )
    bound(
        st.selectbox,
        "layer_map",
        config.layer_map,
        lambda kind: with_distil(layer_map=kind),
        control="distil.layer_map",
        label="Layer map",
        options=list(LAYER_MAPS),
        format_func=LAYER_MAPS.__getitem__,
        help="Which teacher layer each student layer is compared with. Spread evenly: the last with the last, the "
        "others at equal distances. From the bottom up, from the top down: as many neighbouring layers as the "
        "student has. The most similar: measured before training on 256 examples, by linear CKA. The last only: the "
        "last student layer with the last teacher layer.",
    )


def schedule_form(config: DistilConfig) -> None:
    """The schedule of the weights in use and of the temperature, and their final values."""
    bound(
        st.segmented_control,
        "schedule",
        config.schedule,
        lambda kind: with_distil(schedule=kind),
        control="distil.schedule",
        label="Schedule",
        options=["constant", "linear", "cosine"],
        required=True,
        help="Moves the loss weights and the temperature during training. Cosine is half a cosine wave, slow at both "
        "ends. If the weight moves from soft to hard, the student first imitates its teacher and then learns from "
        "the labels.",
    )
    if config.schedule == "constant":
        return
    for term in LOSS_TERMS:
        if term.on_by_default or term in config.terms:
            first, final = float(getattr(config, term.name)), getattr(config.final, term.name)
            value = first if final is None else float(final)
            bound(
                st.slider,
                f"final-{term.name}",
                value,
                partial(_with_final, term.name),
                control="distil.final",
                label=f"{term.name.capitalize()} at the end, from {first:.3g}",
                min_value=0.0,
                max_value=max(1.0, first, value),
                step=0.05,
                format="%.3g",
            )
    final = config.final.temperature
    _temperature(
        "final-temperature",
        config.temperature if final is None else final,
        partial(_with_final, "temperature"),
        control="distil.final",
        label=f"Temperature τ at the end, from {config.temperature:g}",
    )
    first_weights, final_weights = config.values_at(0.0), config.values_at(1.0)
    moves = (
        f"{term.name} from {first_weights[term.name]:.3g} to {final_weights[term.name]:.3g}" for term in config.terms
    )
    chart(schedules(config), key="schedules", height=180, alt=f"Loss weights during training: {', '.join(moves)}.")


def _with_final(name: str, value: float) -> Spec:
    """The spec with another final value in its schedule; None if it equals the first value."""
    config = state.spec().distil
    return with_distil(final=replace(config.final, **{name: None if value == getattr(config, name) else value}))
