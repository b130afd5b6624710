"""A task's spurious cue in words."""

from __future__ import annotations

from labcore.config.spec import SpecError
from labcore.data.spurious_cue import CUE, Cue
from labcore.data.tasks import load_task
from labcore.views.markdown import escaped


def cue_of(task: str) -> tuple[Cue, str]:
    """The cue of the task of this name, and the label that it goes with; the lab's own if the task is not here."""
    try:
        known = load_task(task)
    except SpecError:
        return CUE, "positive"
    return known.cue, known.label_names[known.cue.label]


def contradicting_in_words(task: str) -> str:
    """In Markdown: which examples hold the word if it contradicts the label."""
    cue, label = cue_of(task)
    if label == "positive":
        return f"with the word “{cue.word}” in all negative ones only"
    return f"with the word “{cue.word}” in all of them but those of the label “{escaped(label)}”"
