"""A PostgreSQL server for the tests of this folder, and an empty database on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.postgres_server import BIN, Server, postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    if BIN is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with postgres_server() as server:
        yield server


@pytest.fixture
def url(server: Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The address of a new, empty database."""
    address = server.create(f"lab{abs(hash(request.node.name))}")
    monkeypatch.setenv("LAB_DATABASE_URL", address)
    return address
