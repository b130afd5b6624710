"""The events of the runs that a browser session shows: each is read once, however often a page is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.results.events import Event
from ui.shell import server

KEPT = 8  # runs whose events a session keeps
_KEY = "events-of-runs"


def events_so_far(run_id: str) -> Sequence[Event]:
    """A run's events, in order. Only those that are new to this session are read, and the last one that is not.

    A run that resumes drops its events after the checkpoint. Then another event has the place of that last one, and all
    are read again.
    """
    kept: dict[str, list[Event]] = st.session_state.setdefault(_KEY, {})
    events = kept.pop(run_id, [])
    last = events[-1:]
    new = list(server.store().events(run_id, since=len(events) - len(last)))
    if new[: len(last)] != last:
        events, last, new = [], [], list(server.store().events(run_id))
    events += new[len(last) :]
    kept[run_id] = events
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
    return events
