"""Whether other people may use this server, so that it matters whose a thing is and how much somebody may ask for."""

from __future__ import annotations

import os

import streamlit as st

from labcore.owners.host_password import VARIABLE as HOST_PASSWORD

SHARED = "LAB_SHARED"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PROXIED = "X-Forwarded-For"  # a proxy adds it, so others reach a server that listens to its own machine only


def shared() -> bool:
    """Whether other people may use this server.

    LAB_SHARED=1 states it, and LAB_SHARED=0 the opposite. Without it, a server is shared that has a host's password,
    that listens to a network, or that a proxy stands before. Any other has one person.
    """
    told = os.environ.get(SHARED, "")
    if told in ("0", "1"):
        return told == "1"
    return not loopback_only() or bool(os.environ.get(HOST_PASSWORD)) or PROXIED in st.context.headers


def loopback_only() -> bool:
    """Whether the server listens to its own machine only. Streamlit without an address listens to every network."""
    return st.get_option("server.address") in LOOPBACK
