"""Submissions of the exercise, graded from their files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from ui.shell import server
from ui.shell.guard import callback, fragment, queued

if TYPE_CHECKING:
    from labcore.exercise.submission_checks import Grade

EACH = 10.0  # seconds between two looks at the runs
MOST = 200  # files at a time
GRADES = "host_grades"  # of the files that the field holds, with their ids


def grading() -> None:
    """Draw the field for submissions and their grades; each run behind them is repeated here once."""
    st.header("Submissions")
    files = st.file_uploader(
        "Submissions (.json)", type=["json"], accept_multiple_files=True, max_upload_size=1, key="host-submissions"
    )
    if not files:
        st.caption("Each student of a submission is trained again here, so that a result that was typed in can't pass.")
        return
    if len(files) > MOST:
        st.error(f"These are {len(files):,} files; give at most {MOST} at a time.")
        return
    server.jobs().wait_until_loaded()
    from labcore.exercise.class_grades import checked_uploads  # it imports torch

    ids = tuple(file.file_id for file in files)
    if st.session_state.get(GRADES, ((), []))[0] != ids:
        with st.spinner(f"Checking {len(files):,} files…"):
            contents = {_unique(file.name, place): file.getvalue() for place, file in enumerate(files)}
            st.session_state[GRADES] = ids, checked_uploads(contents, server.store().home)
    st.fragment(fragment(_grades), run_every=EACH)(st.session_state[GRADES][1])


def _grades(checked: list[Grade]) -> None:
    """Draw the grades so far, again every few seconds: runs that were missing may have finished."""
    from labcore.exercise.class_grades import as_csv, grades_so_far, missing_runs

    store, jobs = server.store(), server.jobs()
    missing = missing_runs(checked, store)
    under_way = [spec for spec in missing if spec in jobs.waiting()]
    if missing:
        st.button(
            f"Train the {len(missing):,} students that are missing",
            type="primary",
            disabled=bool(under_way),
            key="host-train",
            help="They wait in the queue like the class's runs.",
            on_click=callback(queued),
            args=missing,
        )
    if under_way:
        st.caption(f"{len(under_way):,} of them wait or train now. The grades below follow.")
    table = as_csv(grades_so_far(checked, store))
    st.dataframe(pd.read_csv(io.StringIO(table), dtype=str, keep_default_na=False), hide_index=True)
    st.download_button("Grades as CSV", table, "grades.csv", "text/csv", icon=":material/download:", key="host-grades")


def _unique(name: str, place: int) -> str:
    """The name of a file in the grades: two people may choose one name."""
    return f"{place + 1}: {name}"
