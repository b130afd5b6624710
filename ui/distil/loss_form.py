"""The loss: the weights of its parts, the temperature, whose states it compares, and how all that moves."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from labcore.config.spec import Spec
from labcore.config.training import MAX_TEMPERATURE, MIN_TEMPERATURE, PARTS, STATE_PARTS, DistilConfig, Part
from labcore.views.distil.curves import schedules
from labcore.views.palette import GONE, PARTS_OF_LOSS, faded, rgb, words_in
from labcore.views.words import LAYER_MAPS
from ui.shell import state
from ui.shell.bound import bound, with_distil
from ui.shell.chart import chart

WHAT: dict[Part, str] = {
    "hard": "How much the true labels count (cross-entropy). At 0 the student only mimics its teacher.",
    "soft": "How much the teacher's softened probabilities count: they say what it nearly answered, too.",
    "logit": "How much the logits, before any softmax, must be like the teacher's (mean squared error).",
    "hidden": "How much the student's hidden states after each layer must be like the teacher's (mean squared error). Where "
    "the widths differ, a map between them is learned with the lesson.",
    "cosine": "The same hidden states, but only their direction counts: 1 − cosine of the angle between them.",
    "relation": "How much the word pieces of a sentence must look at each other as they do in the teacher's last layer: "
    "queries with queries, keys with keys, values with values. It fits any width and any number of heads (MiniLMv2).",
}
MORE_PARTS: tuple[Part, ...] = ("logit", "relation", "hidden", "cosine")  # beside the usual two
USUAL_TEMPERATURES = 0.5, 10.0  # where the slider ends, unless the spec goes further


def colour_labels() -> None:
    """Give each control of a part of the loss its colour, and the formula's parts those that can be read in either theme.

    By style, for a label's Markdown would be read out as it is written. While a control is under the pointer or has the
    keyboard's focus, the rest of the formula fades.
    """
    rules = []
    for part, colour in PARTS_OF_LOSS.items():
        named = [part, f"final-{part}", *(["temperature", "final-temperature"] if part == "soft" else [])]
        labels = ", ".join([*(f".st-key-{key} label p" for key in named), f"[class*=st-key-share-{part}] label p"])
        written = f":is([style*='rgb{rgb(colour)}'], [style*='{colour}'])"  # as React writes it, and KaTeX
        held = ", ".join(f".st-key-{key}:is(:hover, :focus-within)" for key in named)
        others = f".katex-html [style*=color]:not({written})"
        rules += [
            f"{labels}, .st-key-formula {written} {{color: {words_in(colour)} !important}}",
            f"body:has({held}) .st-key-formula {others} {{color: {faded(GONE, 0.5)} !important}}",
        ]
    st.html(f"<style>{' '.join(rules)}</style>")


def loss_form(config: DistilConfig) -> None:
    """The usual parts: the true labels, the teacher's probabilities, and their temperature."""
    colour_labels()
    for part in ("hard", "soft"):
        _weight(config, part)
    _temperature(
        "temperature",
        config.temperature,
        lambda value: with_distil(temperature=value),
        control="distil.temperature",
        label="Temperature τ",
        help="Softens the probabilities of both models. At 1 they stay as they are; higher shows more of the near misses. A spec or a "
        f"link may give {MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:,.0f}; above about 100 nothing more changes.",
    )


def more_parts_form(config: DistilConfig) -> None:
    """The other parts, and for those that compare hidden states, which ones."""
    for part in MORE_PARTS:
        _weight(config, part)
    if any(part in STATE_PARTS for part in config.parts):
        _states(config)


def _weight(config: DistilConfig, part: Part) -> None:
    weight = float(getattr(config, part))
    bound(
        st.slider,
        part,
        weight,
        lambda value: with_distil(**{part: value}),
        control=f"distil.{part}",
        label=f"{part.capitalize()} weight",
        min_value=0.0,
        max_value=max(1.0, weight),
        step=0.05,
        format="%.3g",
        help=WHAT[part],
    )


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
    """Whose hidden states are compared, and which layers'."""
    bound(
        st.segmented_control,
        "hidden_at",
        config.hidden_at,
        lambda where: with_distil(hidden_at=where),
        control="distil.hidden_at",
        label="Hidden states at",
        options=["cls", "tokens"],
        format_func={"cls": "[CLS]", "tokens": "every word piece"}.__getitem__,
        required=True,
        help="[CLS] is the piece that the classifier reads; the teacher's states there are kept with its answers. Every word "
        "piece says more, but then the teacher reads along in each step, which takes longer.",
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
        help="Which of the teacher's layers each of the student's learns from. Spread evenly: the last from the last, the others "
        "at even distances. From the bottom up, from the top down: as many neighbouring layers as the student has. Those most "
        "alike: measured before the lesson, by how similarly layers see 256 sentences (linear CKA).",
    )


def schedule_form(config: DistilConfig) -> None:
    """How the weights in use and the temperature move, and where they end."""
    bound(
        st.segmented_control,
        "schedule",
        config.schedule,
        lambda kind: with_distil(schedule=kind),
        control="distil.schedule",
        label="Over the lesson, weights and temperature",
        options=["constant", "linear", "cosine"],
        format_func={"constant": "stay", "linear": "move in a line", "cosine": "in half a wave"}.__getitem__,
        required=True,
        help="Half a wave (cosine) is slow at both ends. Moving from soft to hard lets the student first mimic, then be right.",
    )
    if config.schedule == "constant":
        return
    for part in PARTS:
        if part in (*config.parts, "hard", "soft"):
            start, end = float(getattr(config, part)), getattr(config.final, part)
            shown = start if end is None else float(end)
            bound(
                st.slider,
                f"final-{part}",
                shown,
                partial(_ending, part),
                control="distil.final",
                label=f"{part.capitalize()} at the end, from {start:.3g}",
                min_value=0.0,
                max_value=max(1.0, start, shown),
                step=0.05,
                format="%.3g",
            )
    end = config.final.temperature
    _temperature(
        "final-temperature",
        config.temperature if end is None else end,
        partial(_ending, "temperature"),
        control="distil.final",
        label=f"Temperature τ at the end, from {config.temperature:g}",
    )
    chart(
        schedules(config),
        key="schedules",
        height=180,
        alt="Weights of the loss over the lesson: "
        + ", ".join(f"{part} from {config.at(0.0)[part]:.3g} to {config.at(1.0)[part]:.3g}" for part in config.parts),
    )


def _ending(name: str, value: float) -> Spec:
    """The spec with another end of a schedule; an end that is the beginning is none."""
    config = state.spec().distil
    return with_distil(final=replace(config.final, **{name: None if value == getattr(config, name) else value}))
