"""The host's password: only its hash is kept, a wrong one is refused, and guessing is slow."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.__main__ import main
from labcore.config.checks import SpecError
from labcore.owners.host_gate import LONGEST_WAIT, STAYS, HostGate
from labcore.owners.host_password import VARIABLE, hashed, kept_hash, matches

PASSWORD = "correct horse"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> tuple[HostGate, list[float]]:
    """A gate, and the time that it sees."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    now = [100.0]
    return HostGate(lambda: now[0]), now


def test_the_environment_loses_the_password_and_keeps_its_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    kept = kept_hash()
    assert kept is not None
    assert os.environ[VARIABLE] == kept == kept_hash()
    assert PASSWORD not in kept
    assert matches(PASSWORD, kept)
    assert not matches(f"{PASSWORD} ", kept)
    assert hashed(PASSWORD) != kept  # another salt


@pytest.mark.parametrize("given", ["short", "x" * 201, "scrypt$", "scrypt$AAAA$AAAA", "scrypt$?$?", "scrypt$a$b$c"])
def test_what_is_no_password_and_no_hash_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(SpecError, match=VARIABLE):
        HostGate()


def test_without_a_password_there_is_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    gate = HostGate()
    assert not gate.exists
    with pytest.raises(SpecError, match="no host's password"):
        gate.enter("a", "")


def test_the_right_password_opens_the_gate_for_one_browser_and_some_hours(gate: tuple[HostGate, list[float]]) -> None:
    this, now = gate
    this.enter("a", PASSWORD)
    assert this.is_host("a")
    assert not this.is_host("b")
    assert not this.is_host(None)
    now[0] += STAYS
    assert not this.is_host("a")
    this.enter("a", PASSWORD)
    this.leave("a")
    assert not this.is_host("a")


def test_each_wrong_password_doubles_the_wait_for_everybody(gate: tuple[HostGate, list[float]]) -> None:
    this, now = gate
    for wait in (1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT):
        with pytest.raises(SpecError, match=f"again in {wait:.0f} s"):
            this.enter("a", "wrong")
        with pytest.raises(SpecError, match="wait"):
            this.enter("b", PASSWORD)  # the right one is not looked at either
        now[0] += wait
    this.enter("b", PASSWORD)
    with pytest.raises(SpecError, match="again in 1 s"):
        this.enter("a", "")


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_no_other_text_is_the_password(text: str) -> None:
    assert matches(text, KEPT) == (text == PASSWORD)


KEPT = hashed(PASSWORD)


def test_the_command_prints_a_hash_that_the_server_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert main(["host-password"]) == 0
    name, value = capsys.readouterr().out.strip().split("=", 1)
    monkeypatch.setenv(name, value.strip("'"))
    HostGate().enter("a", PASSWORD)
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["host-password"]) == 2
    assert "10 to 200" in capsys.readouterr().err
