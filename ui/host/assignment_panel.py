"""The runs of an assignment: all that keep what it has fixed, as a table and as CSV."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import streamlit as st

from labcore.config.assignment import Assignment
from labcore.config.assignment_link import ASSIGNMENT, assignment_of
from labcore.config.spec import SpecError
from labcore.evaluate.assignment_runs import runs_of
from labcore.views.markdown import escaped
from labcore.views.tables import runs_table
from ui.runs.downloads import downloads
from ui.shell import server

LINK = "host-assignment"


def assignment_panel() -> None:
    """Draw the field for an assignment's link, and its runs."""
    st.header("Results of an assignment")
    link = st.text_input(
        "The assignment's link",
        key=LINK,
        placeholder="http://…?lesson=1.…",
        help="As you gave it to the class. *Start* makes one.",
    )
    if not link.strip():
        st.caption("Paste a link that you gave to your class, to see its runs.")
        return
    try:
        assignment = _assignment_in(link.strip())
    except SpecError as error:
        st.error(f"This link can't be read: {escaped(str(error))}.")
        return
    runs = runs_of(assignment, server.store().runs())
    finished = runs_table(runs)
    st.markdown(
        f"**{escaped(assignment.title)}**: {len(runs):,} runs keep what it fixes, {len(finished):,} have a result."
    )
    if len(finished):
        st.dataframe(finished, hide_index=True)
    if runs:
        downloads(runs, "assignment")


def _assignment_in(link: str) -> Assignment:
    """The assignment in a link. Raises SpecError if there is none."""
    try:
        values = parse_qs(urlsplit(link).query).get(ASSIGNMENT, [])
    except ValueError:
        values = []
    if len(values) != 1:
        raise SpecError("it holds no assignment; copy the full link that *Start* made")
    return assignment_of(values[0])
