"""The names of a spec's controls, as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.config import steps
from labcore.config.assignment import different_controls
from labcore.config.loss_terms import LOSS_TERMS
from labcore.config.spec import Spec

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

# What the training compares and with which data; the other controls of `distil` are those of length and method.
_LOSS_AND_DATA = (
    *(f"distil.{term.name}" for term in LOSS_TERMS),
    *("distil.temperature", "distil.schedule", "distil.final", "distil.layer_map", "distil.hidden_at"),
    *("distil.transfer", "assistant"),
)


def control_groups(names: Sequence[str]) -> dict[str, list[str]]:
    """These names of `labcore.config.assignment.lockable` by the heading of their group, in their order."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_group(name), []).append(name)
    return groups


def _group(name: str) -> str:
    if name in ("steps", "distil"):
        return "All at once"
    if name in _LOSS_AND_DATA:
        return "Loss, temperature and data"
    return "Length and method of the training" if name.startswith("distil") else "Teacher and student"


def control_in_group(name: str) -> str:
    """The name of a control below the heading of its group, such as `Batch size`."""
    words = control_in_words(name)
    if "." in name:
        words = words.removeprefix("Student: ").removeprefix("Training: ")
    return words[0].upper() + words[1:]


def control_in_words(name: str) -> str:
    """The name of a control of `labcore.config.assignment.controls`, such as `Training: batch size`."""
    area, _, field = name.partition(".")
    if area == "steps" and (kind := steps.by_kind().get(field)):
        return f"Student: settings of “{kind.label}”"
    plain = f"Training: {field.replace('_', ' ')}" if area == "distil" else area.capitalize()
    return _WORDS.get(name, plain)


def undo_in_words(now: Spec, before: Spec | None, page: str) -> str:
    """What going back to `before` changes, for a button: `Undo: batch size (Distil)`, with the page if it is another.

    page: the name of the page that has the button, `design` or `distil`.
    """
    changed = different_controls(now, before) if before else ()
    if not changed:
        return "Undo"
    words = control_in_group(changed[0])
    words = words[0].lower() + words[1:]
    if len(changed) > 1:
        words += f" and {len(changed) - 1} more"
    pages = {"distil" if name.startswith(("distil.", "assistant")) else "design" for name in changed} - {page}
    return f"Undo: {words}" + "".join(f" ({name.capitalize()})" for name in pages)
