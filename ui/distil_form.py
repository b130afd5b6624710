"""The Distil page's controls: weights and temperature of the loss, and the length of the lesson."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from labcore.spec import Distil, Spec
from labcore.views.palette import HARD, HIDDEN, SOFT
from ui import state
from ui.bound import bound

PARTS = (
    ("hard", "red", "How much the true labels count (cross-entropy). At 0 the student only mimics its teacher."),
    ("soft", "violet", "How much the teacher's softened probabilities count: they say what it nearly answered, too."),
    ("hidden", "green", "How much the student's state at [CLS] after each layer must be like the teacher's."),
)
RATES = (0.0, 5e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3)  # 0 stands for what suits the student's start


def distil_form(spec: Spec) -> None:
    """Every setting of the lesson, the rarer ones folded away."""
    how = spec.distil

    for name, colour, words in PARTS:
        weight = float(getattr(how, name))
        bound(
            st.slider,
            name,
            weight,
            partial(_put, name),
            label=f":{colour}[**{name.capitalize()}**] weight",
            min_value=0.0,
            max_value=max(1.0, weight),
            step=0.05,
            help=words,
        )
    bound(
        st.slider,
        "temperature",
        float(how.temperature),
        partial(_put, "temperature"),
        label="Temperature τ",
        min_value=min(0.5, how.temperature),
        max_value=max(10.0, how.temperature),
        step=0.5,
        help="Softens the probabilities of both models. At 1 they stay as they are; higher shows more of the near misses.",
    )
    bound(
        st.slider,
        "epochs",
        how.epochs,
        partial(_put, "epochs"),
        label="Epochs",
        min_value=1,
        max_value=max(10, how.epochs),
        help="How often the student sees each of the training sentences.",
    )
    with st.expander("Batch, learning rate, seed", icon=":material/tune:"):
        bound(
            st.select_slider,
            "batch_size",
            how.batch_size,
            partial(_put, "batch_size"),
            label="Batch size",
            options=sorted({8, 16, 32, 64, 128, how.batch_size}),
        )
        bound(
            st.selectbox,
            "learning_rate",
            how.learning_rate or 0.0,
            lambda rate: _put("learning_rate", rate or None),
            label="Learning rate",
            options=sorted({*RATES, how.learning_rate or 0.0}),
            format_func=lambda rate: f"{rate:g}" if rate else "what suits the student's start",
        )
        bound(
            st.number_input,
            "seed",
            how.seed,
            lambda seed: _put("seed", int(seed)),
            label="Seed",
            min_value=0,
            step=1,
            help="Fixes every random choice: on one machine the same spec gives the same student.",
        )


def _put(name: str, value: Any) -> Spec:
    """The spec as it is now, not as it was drawn: another control may have been moved meanwhile."""
    spec = state.spec()
    return replace(spec, distil=replace(spec.distil, **{name: value}))


def formula(how: Distil) -> str:
    """The loss as LaTeX, its weights and temperature filled in, each part on a line and in its colour."""
    t = f"{how.temperature:g}"
    lines = (
        (HARD, rf"{how.hard:g}\cdot\mathrm{{CE}}(y,\ p_{{s}})"),
        (SOFT, rf"{how.soft:g}\cdot{t}^2\,\mathrm{{KL}}\big(p_{{t}}^{{\,\tau={t}}}\,\|\,p_{{s}}^{{\,\tau={t}}}\big)"),
        (HIDDEN, rf"{how.hidden:g}\cdot\mathrm{{MSE}}(W h_{{s}},\ h_{{t}})"),
    )
    parts = r"\\ +\ ".join(rf"&\textcolor{{{colour}}}{{{text}}}" for colour, text in lines)
    return rf"\begin{{aligned}}\mathcal{{L}} = \ {parts}\end{{aligned}}"


SYMBOLS = (
    "*y* is the true label; *p* are probabilities and *h* states at [CLS], of teacher *t* and student *s*; "
    "τ divides the logits before the softmax; *W* is learned with the lesson where the widths differ."
)
