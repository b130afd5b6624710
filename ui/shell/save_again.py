"""A trained student that the home could not store: you can save it again, or download it."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from labcore.owners.owner import NotYours
from labcore.results.run import Run
from labcore.runs.store import RunNotFound
from labcore.runs.trained_student import NotSaved
from labcore.views.words import student_in_words, whose_in_words
from ui.distil.result import result_figures
from ui.shell import server, state
from ui.shell.guard import escaped, show
from ui.shell.owner import acts, mine, why_not


def unsaved_panel(run: Run) -> bool:
    """Draw an unsaved student's results and two ways to keep it. Return whether the run has an unsaved student."""
    trained = server.jobs().unsaved(run.id)
    if trained is None:
        return False
    result_figures(run.finish(trained.result, trained.counts))
    st.warning(
        f"{escaped(run.error or 'The lab could not save this student.')} Until you save it, it stays in "
        "memory as long as the lab runs.",
        icon=":material/save:",
    )
    with st.container(horizontal=True):
        why = why_not(run.owner, "run", "save")
        again = st.button(
            "Save again", key="save-again", type="primary", icon=":material/save:", disabled=why is not None, help=why
        )
        st.download_button(
            "Download the student",
            trained.zipped,
            f"{run.id}.zip",
            "application/zip",
            key="unsaved-download",
            icon=":material/download:",
            on_click="ignore",
            help="Its weights, shapes, spec, tokenizer and card in one file.",
        )
    if again:
        try:
            acts().save(run.id)
        except (NotSaved, NotYours) as error:
            show(error, f"saving run {run.id}", kept="")
        else:
            st.rerun()
    return True


def _is_mine(run_id: str) -> bool:
    with suppress(RunNotFound, OSError):
        return mine(server.store().owner_of(run_id))
    return False


def unsaved_notice() -> None:
    """Draw a note on each page about a student of the person's that is not on disk, unless the page shows it."""
    waiting = [run_id for run_id in server.jobs().unsaved_runs() if run_id != state.run_id() and _is_mine(run_id)]
    if not waiting:
        return
    trained = server.jobs().unsaved(waiting[-1])
    if trained is None:  # saved in the meantime
        return
    with st.container(key="unsaved", border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            ":material/save: A trained student is not saved yet: "
            f":orange[**{student_in_words(trained.spec)}**]{whose_in_words(trained.spec)}"
            + (f", and {len(waiting) - 1} more." if len(waiting) > 1 else ".")
        )
        if st.button("Show it", key="to-unsaved"):
            state.show_run(waiting[-1])
            st.switch_page("pages/distil.py")
