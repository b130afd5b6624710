"""Which finished run the page Evaluate shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec
from labcore.results.run import FinishedRun
from labcore.views.run_names import run_names
from labcore.views.words import percent, student_in_words, training_in_words
from ui.shell import state
from ui.shell.guard import callback
from ui.shell.rename_menu import rename_menu
from ui.shell.teacher_notes import show_changed, show_where


def run_in_words(run: FinishedRun, name: str) -> str:
    """A finished run in a list, by its name there, with what differs from others of its design: seed and time."""
    return (
        f"{name} · {percent(run.result.accuracy, 1)} · seed {run.spec.distil.seed} · "
        f"{run.created[:16].replace('T', ' ')}"
    )


def trained_in_words(spec: Spec) -> str:
    """A student's full description, with what differs from the default training, and without the seed."""
    return f"{student_in_words(spec)} ({training_in_words(replace(spec.distil, seed=0))})"


def choose_run(finished: Sequence[FinishedRun]) -> FinishedRun:
    """Draw the choice of a finished run, and return it: at first the link's if it has finished, else the newest."""
    by_id, names = {run.id: run for run in finished}, run_names(finished)
    wanted = state.run_id()
    shown = by_id.get(wanted or "", finished[0])
    st.session_state.evaluated = shown.id  # each time: the browser keeps the old name of a run that was renamed
    st.selectbox(
        "Student",
        list(by_id),
        key="evaluated",
        format_func=lambda run: run_in_words(by_id[run], names[run]),
        on_change=callback(lambda: state.show_run(st.session_state.evaluated)),
        help="Each finished run: its name, its test accuracy, its seed, and when it was made (UTC). If there are "
        "several teachers, also the name of its teacher.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        rename_menu(shown)
        st.caption(trained_in_words(shown.spec))
    show_where(shown.spec)
    show_changed(shown)
    if wanted and wanted not in by_id:
        st.caption(f"Run `{wanted}`, which you opened last, has no result. This is the newest run that has one.")
    return shown
