"""Which finished run the page Evaluate shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.spec import DistilConfig, Spec
from labcore.results.run import FinishedRun
from labcore.views.teacher_names import teacher_column
from labcore.views.words import percent, student_in_words, training_in_words
from ui.shell import state
from ui.shell.guard import callback
from ui.shell.teacher_notes import show_changed, show_where


def run_in_words(run: FinishedRun, teacher: str | None = None) -> str:
    """A finished run in a list, with what differs from others of its design: teacher, configuration, seed and time."""
    return (
        f"{trained_in_words(run.spec, teacher)} · {percent(run.result.accuracy, 1)} · seed {run.spec.distil.seed} · "
        f"{run.created[:16].replace('T', ' ')}"
    )


def trained_in_words(spec: Spec, teacher: str | None = None) -> str:
    """A student, its teacher's name if one is given, and what differs from the default training, without the seed."""
    default, training = training_in_words(DistilConfig()), training_in_words(replace(spec.distil, seed=0))
    whose = f" · teacher {teacher}" if teacher else ""
    return student_in_words(spec) + whose + ("" if training == default else f" ({training})")


def choose_run(finished: Sequence[FinishedRun]) -> FinishedRun:
    """Draw the choice of a finished run, and return it: at first the link's if it has finished, else the newest."""
    by_id, teachers = {run.id: run for run in finished}, teacher_column(finished)
    wanted = state.run_id()
    shown = by_id.get(wanted or "", finished[0])
    if st.session_state.get("evaluated") != shown.id:
        st.session_state.evaluated = shown.id
    st.selectbox(
        "Student",
        list(by_id),
        key="evaluated",
        format_func=lambda run: run_in_words(by_id[run], teachers.get(run)),
        on_change=callback(lambda: state.show_run(st.session_state.evaluated)),
        help="Each finished run: its student, its test accuracy, its seed, and when it was made (UTC). If there are "
        "several teachers, also the name of its teacher.",
    )
    show_where(shown.spec)
    show_changed(shown)
    if wanted and wanted not in by_id:
        st.caption(f"Run `{wanted}`, which you opened last, has no result. This is the newest run that has one.")
    return shown
