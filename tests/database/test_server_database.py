"""Runs in PostgreSQL, on a server that the tests start; skipped where its programs or psycopg are missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from labcore.__main__ import main
from labcore.config.spec import DistilConfig, Spec
from labcore.database.database_faults import DatabaseFault
from labcore.database.server_address import checked_address
from labcore.database.upgrade import upgrade
from labcore.owners.profile import Profile
from labcore.runs.store import Store
from tests.shared.runs import STEP

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on a socket in a folder."""

    folder: Path

    def run(self, program: str, *arguments: str) -> None:
        assert BIN is not None
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, str(BIN / program), *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://postgres:secret7@/{database}?host={self.folder}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    if BIN is None:
        pytest.skip("PostgreSQL's programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="lab-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(folder)
    server.run("initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "--no-sync")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def url(server: Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The address of a new, empty database."""
    name = f"lab{abs(hash(request.node.name))}"
    server.run("createdb", "-h", str(server.folder), "-U", "postgres", name)
    monkeypatch.setenv("LAB_DATABASE_URL", server.url(name))
    return server.url(name)


def test_what_one_process_writes_another_reads_and_no_file_is_made(url: str, tmp_path: Path) -> None:
    store = Store(tmp_path)
    run = store.create(Spec())
    store.append(run, STEP)
    store.update(run, "stopped")
    store.rename(run, "mine")
    other = Store(tmp_path)
    assert (other.read(run).status, other.read(run).name, list(other.events(run))) == ("stopped", "mine", [STEP])
    other.delete(run)
    assert store.runs() == []
    store.restore(run)
    assert [each.id for each in other.runs()] == [run]
    assert not (tmp_path / "lab.db").exists()


def test_what_a_stopped_server_misses_waits_and_goes_to_it_when_it_is_back(
    url: str, server: Server, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    run = store.create(Spec())
    store.append(run, STEP)
    server.stop()
    try:
        store.append(run, STEP)
        store.update(run, "running")
        assert store.unwritten() == [run]
        assert "can't be reached" in f"{store.fault()}"
        assert "secret7" not in f"{store.fault()}"
    finally:
        server.start()
    store.flush(run)
    other = Store(tmp_path)
    assert list(other.events(run)) == [STEP, STEP]
    assert other.read(run).status == "running"
    store.update(run, "stopped")


def test_servers_that_start_at_once_make_the_tables_once(url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = set(pool.map(lambda _: Store(tmp_path).create(Spec()), range(4)))
    assert len(runs) == 4
    assert {run.id for run in Store(tmp_path).runs()} == runs


def test_tables_of_the_first_revision_are_brought_up_to_date_with_their_data(url: str, tmp_path: Path) -> None:
    with create_engine(checked_address(url)).begin() as connection:
        upgrade(connection, "0001")
        connection.execute(text("INSERT INTO runs (id, spec, spec_key, status, created) VALUES ('a','{}','k','x','t')"))
    assert Store(tmp_path).ids() == {"a"}


def test_a_database_that_is_not_there_is_a_sentence(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_DATABASE_URL", server.url("nowhere"))
    assert "nowhere" in f"{Store(tmp_path).fault()}"
    assert "createdb" in f"{Store(tmp_path).fault()}"


def test_a_home_is_copied_to_the_server_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LAB_DATABASE_URL", raising=False)
    assert main(["database", "copy", "--home", str(tmp_path)]) == 2
    assert "LAB_DATABASE_URL is not set" in capsys.readouterr().err
    store = Store(tmp_path)
    runs = [store.create(Spec(distil=DistilConfig(seed=seed)), "a" * 16) for seed in range(3)]
    for run in runs:
        for _ in range(400):
            store.append(run, STEP)
        store.update(run, "stopped")
    store.annotate(runs[0], note="of the home", tags=["kept"])
    store.owners.set("a" * 16, Profile("Ada", "named"))
    server.run("createdb", "-h", str(server.folder), "-U", "postgres", "copied")
    monkeypatch.setenv("LAB_DATABASE_URL", server.url("copied"))
    assert main(["database", "copy", "--home", str(tmp_path)]) == 0
    copied = json.loads(capsys.readouterr().out)
    assert copied == {"runs": 3, "events": 1200, "owners": 1, "already there": 0}
    other = Store(tmp_path)
    assert other.runs() == store.runs()
    assert list(other.events(runs[1])) == list(store.events(runs[1]))
    assert other.owners.all() == store.owners.all()
    assert main(["database", "copy", "--home", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == {"runs": 0, "events": 0, "owners": 0, "already there": 3}


@pytest.mark.parametrize("given", ["sqlite:///a.db", "mysql://u:secret7@h/d", "secret7", "postgresql://u:secret7@h"])
def test_another_address_is_refused_without_its_password(given: str) -> None:
    with pytest.raises(DatabaseFault, match="must be like postgresql://") as caught:
        checked_address(given)
    assert "secret7" not in f"{caught.value}"


def test_an_address_that_is_refused_is_a_fault_of_the_store_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_DATABASE_URL", "mysql://u:secret7@h/d")
    store = Store(tmp_path)
    assert "begins with mysql" in f"{store.fault()}"
    assert store.runs() == []
    with pytest.raises(DatabaseFault, match="begins with mysql"):
        store.create(Spec())
    assert not any(tmp_path.rglob("student"))
