"""How long runs will take, before you request them: their own time, and that of the queue before them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.config.spec import Spec
from labcore.runs.time_estimate import total_time
from labcore.views.exercise.waiting_words import waiting_in_words
from ui.shell import state


def show_waiting_time(specs: Sequence[Spec]) -> None:
    """Draw about how long these runs will take; nothing if there is nothing to run."""
    if not specs:
        return
    earlier, ahead = state.store().finished_runs(), state.jobs().waiting()
    words = waiting_in_words(len(specs), total_time(specs, earlier), len(ahead), total_time(ahead, earlier))
    st.caption(f":material/schedule: {words}")
