"""The loss of a lesson as a formula: LaTeX, with the weights filled in, and what its letters mean."""

from __future__ import annotations

from labcore.lesson import STATE_PARTS, Distil, Part
from labcore.views.palette import PARTS_OF_LOSS
from labcore.views.words import from_to

PLUS = r"\\ +\ "


def formula(how: Distil) -> str:
    """The parts in use, each on a line and in its colour; `0.2→1` is a weight that moves."""
    t = _number(how, "temperature")
    moving = "→" in from_to(how, "temperature")
    softened, factor = (r"\,\tau", r"\tau^2") if moving else (rf"\,\tau={t}", f"{t}^2")
    terms: dict[Part, str] = {
        "hard": r"\mathrm{CE}(y,\ p_{s})",
        "soft": rf"{factor}\,\mathrm{{KL}}\big(p_{{t}}^{{{softened}}}\,\|\,p_{{s}}^{{{softened}}}\big)",
        "logit": r"\mathrm{MSE}(z_{s},\ z_{t})",
        "hidden": r"\mathrm{MSE}(W h_{s},\ h_{t})",
        "cosine": r"\big(1-\cos(W h_{s},\ h_{t})\big)",
        "relation": r"\mathrm{KL}(R_{t}\,\|\,R_{s})",
    }
    lines = [rf"&\textcolor{{{PARTS_OF_LOSS[part]}}}{{{_number(how, part)}\cdot{terms[part]}}}" for part in how.parts]
    ending = rf"\\ &\tau = {t}" if moving and "soft" in how.parts else ""
    return rf"\begin{{aligned}}\mathcal{{L}} = \ {PLUS.join(lines)}{ending}\end{{aligned}}"


def _number(how: Distil, name: str) -> str:
    return from_to(how, name).replace("→", r"\!\to\!")


def symbols(how: Distil) -> str:
    """What the letters of the formula mean, as Markdown: those in use."""
    parts = how.parts
    compared = any(part in STATE_PARTS for part in parts)
    where = "[CLS]" if how.hidden_at == "cls" else "every word piece"
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
