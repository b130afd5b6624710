"""The controls of a spec in words, as a person meets them on the pages."""

from __future__ import annotations

from labcore.config import steps
from labcore.config.loss_terms import LOSS_TERMS

_WORDS: dict[str, str] = {
    "assistant": "Who teaches",
    "steps": "Student: all of it",
    "steps.kinds": "Student: which steps",
    "distil": "Lesson: all of it",
    "distil.hidden_at": "Lesson: whose hidden states",
    "distil.final": "Lesson: where the schedule ends",
    "distil.embeddings": "Lesson: train the word embeddings",
    "distil.transfer": "Lesson: transfer sentences",
    "distil.gradual": "Lesson: prune gradually",
    **{f"distil.{term.name}": f"Lesson: {term.label.lower()}" for term in LOSS_TERMS},
}


def control_in_words(name: str) -> str:
    """A control that `labcore.config.assignment` names, such as `Lesson: batch size`."""
    place, _, field = name.partition(".")
    if place == "steps" and (kind := steps.by_kind().get(field)):
        return f"Student: sliders of “{kind.label}”"
    plain = f"Lesson: {field.replace('_', ' ')}" if place == "distil" else place.capitalize()
    return _WORDS.get(name, plain)
