"""What the reader must not miss: settings without effect beside their controls, and findings of a run above its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from labcore.config.ineffective import NoEffect
from labcore.config.spec import Spec
from labcore.results.record import Run
from labcore.runs.ineffective_settings import ineffective_settings
from labcore.views.finding_notes import findings_of, setting_in_words


def show_ineffective(spec: Spec, names: Iterable[str]) -> None:
    """A sentence for each of these settings of the training configuration that somebody asked for and that has no effect."""
    for note in ineffective_settings(spec):
        if any(note.field == name or note.field.startswith(f"{name}.") for name in names):
            show_note(note)


def show_ineffective_step(spec: Spec, index: int) -> None:
    """Beside the card of a step: that it changes nothing, or a setting of it."""
    from labcore.runs.ineffective_steps import step_note  # imports torch

    field = f"steps[{index}]"
    said = [note for note in ineffective_settings(spec) if note.field == field or note.field.startswith(f"{field}.")]
    if not any(note.field == field for note in said) and (words := step_note(spec, index)):
        said.append(NoEffect(field, words))
    for note in said:
        show_note(note)


def show_note(note: NoEffect) -> None:
    """One setting without effect: its name, why, and what to do."""
    st.caption(f":material/info: **{setting_in_words(note.field)}** has no effect: {note.words}.")


def show_findings(run: Run, name: str = "") -> None:
    """A warning for each finding of a finished run; `name` says whose they are if several runs stand on the page."""
    if run.result is None:
        return
    for finding in findings_of(run.result):
        st.warning(f"**{name}:** {finding.words}" if name else finding.words, icon=":material/report:")


def show_findings_of(runs: Sequence[tuple[str, Run]]) -> None:
    """The findings of several runs, each with its name."""
    for name, run in runs:
        show_findings(run, name)
