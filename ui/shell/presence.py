"""Who uses this server now, as its pages are drawn."""

from __future__ import annotations

import streamlit as st

from labcore.owners.presence import Presence


@st.cache_resource(show_spinner=False)
def presence() -> Presence:
    """The server's one list of who is here."""
    return Presence()
