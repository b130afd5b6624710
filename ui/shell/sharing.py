"""Whether other people may use this server, so that limits are those of a class."""

from __future__ import annotations

import os

import streamlit as st

SHARED = "LAB_SHARED"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def shared() -> bool:
    """Whether other people may use this server.

    LAB_SHARED=1 states it, and LAB_SHARED=0 the opposite. Without it, the server's address decides: a lab that only
    this machine can reach has one person.
    """
    told = os.environ.get(SHARED, "")
    return told == "1" if told in ("0", "1") else st.get_option("server.address") not in LOOPBACK
