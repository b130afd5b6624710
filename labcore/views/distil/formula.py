"""The loss as a formula: LaTeX, each weight over the name of its term, and the control that sets each letter."""

from __future__ import annotations

import math

from labcore.config.loss_terms import LossTerm, Need
from labcore.config.training import DistilConfig
from labcore.views.words import from_to

PLUS = r"\\ +\ "
POSITIONS = {"cls": "[CLS]", "tokens": "all tokens"}  # at which hidden states are compared


def formula(config: DistilConfig) -> str:
    """The terms with a weight, each on a line and in its colour, the weight over its name; `0.2→1` if it moves."""
    lines = [
        _in_colour(rf"\underbrace{{{_number(config, term.name)}}}_{{\text{{{term.name}}}}}\cdot{term.latex}", term)
        for term in config.terms
    ]
    temperature = r"\tau = " + _number(config, "temperature")
    tau = [r"\\ " + _in_colour(temperature, term) for term in _softened(config)[:1]]
    return rf"\begin{{aligned}}\mathcal{{L}} = \ {PLUS.join(lines)}{''.join(tau)}\end{{aligned}}"


def _softened(config: DistilConfig) -> list[LossTerm]:
    """The terms with a weight that use the temperature."""
    return [term for term in config.terms if Need.TEMPERATURE in term.needs]


def _in_colour(latex: str, term: LossTerm) -> str:
    return rf"&\textcolor{{{term.colour}}}{{{latex}}}"


def _number(config: DistilConfig, name: str) -> str:
    return from_to(config, name).replace("→", r"\!\to\!")


def symbols(config: DistilConfig) -> str:
    """What the letters of the formula mean, as Markdown: those in use."""
    letters = dict.fromkeys(
        symbol.format(position=POSITIONS[config.hidden_at]) for term in config.terms for symbol in term.symbols
    )
    notes = {
        Need.TEMPERATURE: "τ divides the logits before the softmax",
        Need.STATES: "*W* is trained with the student if the widths differ",
    }
    used = [note for need, note in notes.items() if need in config.needs]
    return "; ".join([", ".join(letters) + ", of teacher *t* and student *s*", *used]) + "."


def set_by(config: DistilConfig) -> str:
    """Which control sets each number and letter of the formula, as Markdown: those in use, each in its colour."""
    controls = [f"{_coloured(term.name, term)} by *{term.label}*" for term in config.terms]
    controls += [f"{_coloured('τ', term)} by *Temperature τ*" for term in _softened(config)[:1]]
    if Need.STATES in config.needs:
        controls.append("*h* by *Hidden states at* and *Layer map*")
    if config.schedule != "constant":
        controls.append("→ by *Schedule*")
    return f"Set {', '.join(controls)}."


def sum_in_words(config: DistilConfig) -> str:
    """The sum of the weights at the start, and, if it is not 1, what the sum means."""
    total = sum(config.values_at(0.0)[term.name] for term in config.terms)
    if math.isclose(total, 1, abs_tol=1e-6):
        return "The weights add up to 1."
    return (
        f"The weights add up to {total:.4g}, not to 1. That is allowed: AdamW divides a gradient by its usual size, "
        "so the ratios of the weights count, and their sum hardly does."
    )


def _coloured(text: str, term: LossTerm) -> str:
    return f':color[**{text}**]{{foreground="{term.colour}"}}'
