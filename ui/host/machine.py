"""This machine: how busy it is, and the room that it has left."""

from __future__ import annotations

import streamlit as st

from labcore.system.machine_load import machine_load
from ui.shell import server
from ui.shell.guard import fragment

EACH = 5.0  # seconds between two looks


def machine_panel() -> None:
    """Draw the machine's load, again every few seconds."""
    st.fragment(fragment(_load), run_every=EACH)()


def _load() -> None:
    load = machine_load(server.store().home)
    st.header("This machine")
    with st.container(horizontal=True):
        busy = "unknown" if load.busy is None else f"{load.busy:.1f} of {load.cores}"
        st.metric("Busy cores", busy, help="Processes that compute or wait for a core, on average over a minute.")
        st.metric("Memory of the lab", f"{load.own_memory / 1e6:,.0f} MB")
        st.metric("Memory free", f"{load.free_memory / 1e9:,.1f} GB")
        st.metric("Disk free", "–" if load.free_disk is None else f"{load.free_disk / 1e9:,.1f} GB")
    for warning in load.warnings:
        st.warning(warning, icon=":material/warning:")
