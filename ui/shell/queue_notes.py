"""The queue at its buttons: why a job can't be queued now, and the place of one that waits."""

from __future__ import annotations

import streamlit as st

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec
from labcore.runs.queue_overview import PAUSED
from labcore.views.queue_words import others_in_words, place_in_words
from ui.shell import server
from ui.shell.guard import escaped
from ui.shell.owner import owner


def show_refusal(*jobs: Spec | FineTuning) -> bool:
    """Draw why these jobs can't be queued now, or that the queue is paused; whether their button is disabled."""
    why = refusal(*jobs)
    show_reason(why)
    return why is not None


def refusal(*jobs: Spec | FineTuning) -> str | None:
    """Why these jobs can't be queued now by this browser's owner; None if they can."""
    return server.jobs().refusal(jobs, owner()) if jobs else None


def show_reason(why: str | None) -> None:
    """Draw why a button is disabled; without a reason, that the queue is paused, if it is."""
    if why is not None:
        st.caption(f":material/block: Not possible now: {escaped(why)}.")
    elif server.jobs().state == "paused":
        st.caption(f":material/pause_circle: Note: {PAUSED}.")


def place_of(job_id: str) -> str | None:
    """The place of a waiting job as a sentence; None if it does not wait in this queue."""
    words = place_in_words(server.jobs().overview(), job_id)
    return None if words is None else f"{words}.{others_in_words(len(server.jobs().owners(job_id)))}"


def follows(run_owner: str | None, job_id: str) -> bool:
    """Whether this browser's owner waits for a run of somebody else."""
    return run_owner != owner() and owner() in server.jobs().owners(job_id)


def leave(job_id: str) -> None:
    """This browser's owner waits for a run of somebody else no longer."""
    server.jobs().leave(job_id, owner())
