"""The names of a spec's controls, as the pages show them."""

from __future__ import annotations

from labcore.config import steps
from labcore.config.loss_terms import LOSS_TERMS

_WORDS: dict[str, str] = {
    "assistant": "Teacher assistant",
    "steps": "Student: all settings",
    "steps.kinds": "Student: the list of steps",
    "distil": "Training: all settings",
    "distil.hidden_at": "Training: hidden states of which tokens",
    "distil.final": "Training: final values of the schedule",
    "distil.embeddings": "Training: train the word embeddings",
    "distil.transfer": "Training: transfer examples",
    "distil.gradual": "Training: prune gradually",
    **{f"distil.{term.name}": f"Training: {term.label.lower()}" for term in LOSS_TERMS},
}


def control_in_words(name: str) -> str:
    """The name of a control of `labcore.config.assignment.controls`, such as `Training: batch size`."""
    area, _, field = name.partition(".")
    if area == "steps" and (kind := steps.by_kind().get(field)):
        return f"Student: settings of “{kind.label}”"
    plain = f"Training: {field.replace('_', ' ')}" if area == "distil" else area.capitalize()
    return _WORDS.get(name, plain)
