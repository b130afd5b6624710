"""Whether this server has a host, who gives a password, and the gate that the password opens."""

from __future__ import annotations

import os

import streamlit as st

from labcore.config.checks import SpecError
from labcore.owners.host_gate import HostGate
from labcore.owners.host_password import VARIABLE


def has_host() -> bool:
    """Whether the server was started with a host's password, so that there is a page *Host*."""
    return bool(os.environ.get(VARIABLE))


@st.cache_resource(show_spinner=False)
def gate() -> HostGate:
    """The server's gate to the host's acts. Raises SpecError if the server's password is not allowed."""
    return HostGate()


def entered(owner: str) -> bool:
    """Whether this owner's browser gave the host's password within the last hours; not if that is not allowed."""
    try:
        return has_host() and gate().is_host(owner)
    except SpecError:
        return False
