"""When a lab is shared: by its address, a host's password, a proxy before it, or because LAB_SHARED states it."""

from __future__ import annotations

import pytest
import streamlit as st

from labcore.owners.host_password import VARIABLE
from ui.data.allowed import BRING, may_bring
from ui.shell import sharing
from ui.shell.sharing import PROXIED, SHARED, shared


class Context:
    """What Streamlit knows about a session's request."""

    def __init__(self, **headers: str):
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(autouse=True)
def one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (SHARED, VARIABLE, BRING):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(sharing, "loopback_only", lambda: True)


def test_a_lab_for_one_machine_has_one_person_who_may_bring_teachers() -> None:
    assert (shared(), may_bring()) == (False, True)


@pytest.mark.parametrize("by", ["address", "password", "proxy", "statement"])
def test_whatever_brings_others_makes_a_lab_shared_and_closes_uploads(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    match by:
        case "address":
            monkeypatch.setattr(sharing, "loopback_only", lambda: False)
        case "password":
            monkeypatch.setenv(VARIABLE, "correct horse")
        case "proxy":
            monkeypatch.setattr(st, "context", Context(**{PROXIED: "192.0.2.7"}))
        case _:
            monkeypatch.setenv(SHARED, "1")
    assert (shared(), may_bring()) == (True, False)
    monkeypatch.setenv(BRING, "1")
    assert may_bring()
    monkeypatch.setenv(SHARED, "0")
    assert not shared()
