"""How long runs will take, before you request them: their own time, and that of the queue before them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.config.spec import Spec
from labcore.runs.time_estimate import total_time
from labcore.views.exercise.waiting_words import waiting_in_words
from ui.shell import server
from ui.shell.owner import owner
from ui.shell.queue_notes import show_refusal


def show_waiting_time(specs: Sequence[Spec]) -> bool:
    """Draw about how long these runs will take, or why they can't be queued; whether they can be.

    Draws nothing if there is nothing to run.
    """
    if not specs:
        return True
    earlier, ahead = server.store().finished_runs(), server.jobs().ahead(len(specs), owner())
    words = waiting_in_words(len(specs), total_time(specs, earlier), len(ahead), total_time(ahead, earlier))
    st.caption(f":material/schedule: {words}")
    return not show_refusal(*specs)
