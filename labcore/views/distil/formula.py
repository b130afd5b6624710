"""The loss of a lesson as a formula: LaTeX, each weight over the name of its slider, and what sets each letter."""

from __future__ import annotations

from labcore.config.training import STATE_PARTS, DistilConfig, Part
from labcore.views.palette import PARTS_OF_LOSS
from labcore.views.words import from_to

PLUS = r"\\ +\ "


def formula(config: DistilConfig) -> str:
    """The parts in use, each on a line and in its colour, the weight over its part's name; `0.2→1` is one that moves."""
    terms: dict[Part, str] = {
        "hard": r"\mathrm{CE}(y,\ p_{s})",
        "soft": r"\tau^2\,\mathrm{KL}\big(p_{t}^{\,\tau}\,\|\,p_{s}^{\,\tau}\big)",
        "logit": r"\mathrm{MSE}(z_{s},\ z_{t})",
        "hidden": r"\mathrm{MSE}(W h_{s},\ h_{t})",
        "cosine": r"\big(1-\cos(W h_{s},\ h_{t})\big)",
        "relation": r"\mathrm{KL}(R_{t}\,\|\,R_{s})",
    }
    lines = [
        rf"&\textcolor{{{PARTS_OF_LOSS[part]}}}{{\underbrace{{{_number(config, part)}}}_{{\text{{{part}}}}}\cdot{terms[part]}}}"
        for part in config.parts
    ]
    tau = rf"\\ &\textcolor{{{PARTS_OF_LOSS['soft']}}}{{\tau = {_number(config, 'temperature')}}}"
    ending = tau if "soft" in config.parts else ""
    return rf"\begin{{aligned}}\mathcal{{L}} = \ {PLUS.join(lines)}{ending}\end{{aligned}}"


def _number(config: DistilConfig, name: str) -> str:
    return from_to(config, name).replace("→", r"\!\to\!")


def symbols(config: DistilConfig) -> str:
    """What the letters of the formula mean, as Markdown: those in use."""
    parts = config.parts
    compared = any(part in STATE_PARTS for part in parts)
    where = "[CLS]" if config.hidden_at == "cls" else "every word piece"
    said = {
        "*y* is the true label": "hard" in parts,
        "*p* are probabilities": "hard" in parts or "soft" in parts,
        "*z* are logits": "logit" in parts,
        f"*h* are states at {where} after paired layers": compared,
        "*R* says how word pieces look at each other in the last layer": "relation" in parts,
    }
    notes = {
        "τ divides the logits before the softmax": "soft" in parts,
        "*W* is learned with the lesson where the widths differ": compared,
    }
    things, rest = ([words for words, needed in group.items() if needed] for group in (said, notes))
    return "; ".join([", ".join(things) + ", of teacher *t* and student *s*", *rest]) + "."


def set_by(config: DistilConfig) -> str:
    """Which control sets each number and letter of the formula, as Markdown: those in use, each in its colour."""
    parts = config.parts
    said = [f"{_coloured(part, part)} by *{part.capitalize()} weight*" for part in parts]
    if "soft" in parts:
        said.append(f"{_coloured('τ', 'soft')} by *Temperature τ*")
    if any(part in STATE_PARTS for part in parts):
        said.append("*h* by *Hidden states at* and *Layer map*")
    if config.schedule != "constant":
        said.append("→ by *Schedule*")
    return f"Set {', '.join(said)}."


def _coloured(text: str, part: Part) -> str:
    return f':color[**{text}**]{{foreground="{PARTS_OF_LOSS[part]}"}}'
