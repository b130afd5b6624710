"""What differs between the settings of several runs, as a table: equal settings are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import pandas as pd

from labcore.config.assignment import controls, different_controls
from labcore.config.spec import Spec
from labcore.config.training import Final
from labcore.data.tasks import task_title
from labcore.views.controls import control_in_words
from labcore.views.student_names import student_name
from labcore.views.teacher_names import short_name
from labcore.views.words import from_to, length_in_words, student_in_words

STEPS = "Student: steps"
_SCHEDULED = {field.name for field in fields(Final)}


def setting_table(specs: Sequence[Spec], letters: Sequence[str]) -> pd.DataFrame:
    """A row for each setting in which at least two specs differ, a column for each spec; empty if all are equal."""
    differing = {name for spec in specs[1:] for name in different_controls(specs[0], spec)}
    rows: dict[str, dict[str, str]] = {}
    for name in controls():
        if name in differing:
            label = STEPS if name.startswith("steps.") else control_in_words(name)
            values = [_in_words(spec, name) for spec in specs]
            rows[label] = {"setting": label, **dict(zip(letters, values, strict=True))}
    return pd.DataFrame(list(rows.values()))


def _in_words(spec: Spec, control: str) -> str:
    """The value of a control in a spec."""
    match control.split("."):
        case ["teacher"]:
            return f"{short_name(spec.teacher)}, task {task_title(spec.task)}"
        case ["assistant"]:
            return "–" if spec.assistant is None else student_name(spec.assistant)
        case ["steps", _]:
            return student_in_words(spec)
        case ["distil", "length"]:
            return length_in_words(spec.distil)
        case ["distil", "final"]:
            return ", ".join(f"{name} {value:g}" for name, value in vars(spec.distil.final).items() if value) or "–"
        case [_, name] if name in _SCHEDULED:
            return from_to(spec.distil, name)
        case [_, name]:
            return _plain(getattr(spec.distil, name))
    raise ValueError(control)


def _plain(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case int():
            return f"{value:,}"
    return str(value).replace("_", " ")
