"""Whether this server has a host, and whether this browser is the host's."""

from __future__ import annotations

import os

import streamlit as st

from labcore.owners.host_gate import HostGate
from labcore.owners.host_password import VARIABLE
from ui.shell.owner import owner


def has_host() -> bool:
    """Whether the server was started with a host's password, so that there is a page *Host*."""
    return bool(os.environ.get(VARIABLE))


@st.cache_resource(show_spinner=False)
def gate() -> HostGate:
    """The server's gate to the host's acts. Raises SpecError if the server's password is not allowed."""
    return HostGate()


def is_host() -> bool:
    """Whether this browser gave the host's password within the last hours. Raises SpecError as `gate` does."""
    return has_host() and gate().is_host(owner())
