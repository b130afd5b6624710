"""What differs between two states of an attempt, a line for each setting."""

from __future__ import annotations

from collections.abc import Mapping

from labcore.exercise.attempt import SLOTS, Attempt
from labcore.views.teacher_names import in_markdown
from labcore.views.words import student_in_words, training_in_words


def changes_in_words(before: Attempt, after: Attempt) -> list[str]:
    """Such as `**Acceptable loss**: from *3 points* to *5 points*.`, for each setting that differs."""
    old, new = _settings(before), _settings(after)
    return [f"**{name}**: from *{old[name]}* to *{new[name]}*." for name in old if old[name] != new[name]]


def _settings(attempt: Attempt) -> Mapping[str, str]:
    """The settings that a prediction is about, in words."""
    return {
        "Teacher": in_markdown(attempt.teacher),
        **{f"Student {name}": student_in_words(attempt.spec(slot)) for slot, name in enumerate(SLOTS)},
        "Training": training_in_words(attempt.config),
        "Acceptable loss": f"{100 * attempt.acceptable_loss:g} points",
    }
