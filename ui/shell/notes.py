"""Notes on a run or a spec: settings without effect, beside their controls, a run's findings, and its machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from labcore.config.ineffective import NoEffect
from labcore.config.spec import Spec
from labcore.evaluate.significance import exceeds_teacher
from labcore.results.run import FinishedRun, Run
from labcore.runs.ineffective_settings import ineffective_settings
from labcore.views.evaluate.verdicts import above_teacher_in_words
from labcore.views.finding_notes import findings_of, setting_in_words
from labcore.views.markdown import escaped


def show_ineffective(spec: Spec, names: Iterable[str]) -> None:
    """Draw a sentence for each of these training settings that differs from its default and has no effect."""
    for note in ineffective_settings(spec):
        if any(note.field == name or note.field.startswith(f"{name}.") for name in names):
            show_note(note)


def show_ineffective_step(spec: Spec, index: int) -> None:
    """Draw, beside a step's card, which of its settings have no effect, or that all of the step has none."""
    from labcore.runs.ineffective_steps import step_note  # imports torch

    field = f"steps[{index}]"
    notes = [note for note in ineffective_settings(spec) if note.field == field or note.field.startswith(f"{field}.")]
    if not any(note.field == field for note in notes) and (words := step_note(spec, index)):
        notes.append(NoEffect(field, words))
    for note in notes:
        show_note(note)


def show_note(note: NoEffect) -> None:
    """Draw one setting without effect: its name, the reason, and what to do."""
    st.caption(f":material/info: **{setting_in_words(note.field)}** has no effect: {note.words}.")


def show_machine(run: Run) -> None:
    """Draw which device computed a run, and in which precision; nothing for a run of an earlier version."""
    if run.machine:
        st.caption(f"Computed on {escaped(run.machine)}.")


def show_findings(run: Run, name: str = "") -> None:
    """Draw a warning for each finding of a finished run; `name` identifies the run if the page shows several."""
    if not isinstance(run, FinishedRun):
        return
    for finding in findings_of(run.result):
        st.warning(f"**{name}:** {finding.words}" if name else finding.words, icon=":material/report:")
    evaluation = run.result.evaluation
    # With a cue a student is better because its teacher learned the cue, which the page states elsewhere.
    if evaluation is not None and run.result.conditions is None and exceeds_teacher(evaluation.error_overlap):
        words = above_teacher_in_words(evaluation.error_overlap)
        st.info(f"**{name}:** {words}" if name else words, icon=":material/trending_up:")


def show_findings_of(runs: Sequence[tuple[str, Run]]) -> None:
    """Draw the findings of several runs, each with its name."""
    for name, run in runs:
        show_findings(run, name)
