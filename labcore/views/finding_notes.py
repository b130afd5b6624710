"""Findings of a run, and settings without effect, in words."""

from __future__ import annotations

import re

from labcore.config.steps import setting_of
from labcore.results.events import Finished
from labcore.results.findings import Finding, findings_of_test

_SETTINGS = {
    "assistant": "The assistant",
    "distil.hidden_at": "Hidden states at",
    "distil.gradual": "Prune gradually",
    "distil.transfer": "The transfer set",
    "distil.patience": "Patience",
    "distil.start": "The random start",
}


def findings_of(result: Finished) -> tuple[Finding, ...]:
    """The findings of a finished run; for a run of an earlier version, those that its confusion matrices show."""
    if result.findings or result.evaluation is None:
        return result.findings
    return findings_of_test(result.evaluation)


def setting_in_words(field: str) -> str:
    """The name of a field on a page, such as `Final temperature` for `distil.final.temperature`."""
    if field in _SETTINGS:
        return _SETTINGS[field]
    if step := re.fullmatch(r"steps\[(\d+)\](?:\.(\w+))?", field):
        setting = setting_of(step[2] or "")
        return setting.label if setting else f"Step {int(step[1]) + 1}"
    return field.removeprefix("distil.").replace(".", " ").replace("_", " ").capitalize()
