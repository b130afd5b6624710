"""Deleting a run, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.results.run import Run
from labcore.views.markdown import escaped
from labcore.views.run_names import run_name
from ui.shell import state
from ui.shell.guard import callback
from ui.shell.owner import acts, mine

_DELETED = "deleted-runs"  # the ids and names that *Undo* brings back, the newest last


def delete_button(run: Run, runs: Sequence[Run]) -> None:
    """Draw the button for a run of the person's. One that waits or trains is stopped first. runs: all of the lab."""
    if not mine(run.owner):
        return
    assisted = [other for other in runs if other.id != run.id and run.spec in other.spec.chain[:-1]]
    st.button(
        "Delete",
        key=f"delete-{run.id}",
        icon=":material/delete:",
        disabled=run.active,
        help="Stop the run first, on the page *Distil*."
        if run.active
        else "Takes the run, its curves and its student out of every page. You can undo it here."
        + (f" {len(assisted)} students had it as their assistant; their results stay." if assisted else ""),
        on_click=callback(_delete),
        args=(run.id, run_name(run)),
    )


def deleted_bar() -> None:
    """Say which runs were deleted in this session, with a button that brings the last one back."""
    deleted: list[tuple[str, str]] = st.session_state.get(_DELETED, [])
    if not deleted:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="deleted-bar"):
        earlier = f" {len(deleted) - 1} more before it." if len(deleted) > 1 else ""
        st.markdown(f":material/delete: Deleted: **{escaped(deleted[-1][1])}**, run `{deleted[-1][0]}`.{earlier}")
        st.button("Undo", key="undo-delete", icon=":material/undo:", on_click=callback(_restore))


def _delete(run_id: str, name: str) -> None:
    acts().delete(run_id)
    st.session_state[_DELETED] = [*st.session_state.get(_DELETED, []), (run_id, name)]
    if state.run_id() == run_id:
        state.show_run(None)


def _restore() -> None:
    run_id, _ = st.session_state[_DELETED][-1]
    acts().restore(run_id)
    st.session_state[_DELETED] = st.session_state[_DELETED][:-1]
