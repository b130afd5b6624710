"""Runs in PostgreSQL, on a server that the tests start; skipped where its programs or psycopg are missing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from benchmarks.postgres_server import Server
from labcore.__main__ import main
from labcore.config.spec import DistilConfig, Spec
from labcore.data.own import data_store
from labcore.database.database_faults import DatabaseFault
from labcore.database.server_address import checked_address
from labcore.database.upgrade import upgrade
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, owner_of_attempt, save_attempt
from labcore.guide.tour.journal import Journal
from labcore.owners.owner import Person
from labcore.owners.profile import Profile
from labcore.runs.journals import load_journal, save_journal
from labcore.runs.store import Store
from tests.shared.own_data import made, some
from tests.shared.runs import STEP

NONE = dict.fromkeys(("runs", "events", "owners", "attempts", "tours", "data sets", "already there"), 0)


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
    save_attempt(attempt := Attempt(new_id()), store, Person("a" * 16))
    save_journal(journal := Journal(id=new_id()), store, Person("a" * 16))
    kept, removed = (data_store.save(made(some(n)), home=tmp_path, owner="a" * 16) for n in (200, 240))
    data_store.remove(removed.hash, tmp_path)
    server.run("createdb", "-h", str(server.folder), "-U", "postgres", "copied")
    monkeypatch.setenv("LAB_DATABASE_URL", server.url("copied"))
    assert main(["database", "copy", "--home", str(tmp_path)]) == 0
    copied = json.loads(capsys.readouterr().out)
    assert copied == {**NONE, "runs": 3, "events": 1200, "owners": 1, "attempts": 1, "tours": 1, "data sets": 2}
    other = Store(tmp_path)
    assert other.runs() == store.runs()
    assert list(other.events(runs[1])) == list(store.events(runs[1]))
    assert other.owners.all() == store.owners.all()
    assert load_attempt(attempt.id, other) == attempt
    assert owner_of_attempt(attempt.id, other) == "a" * 16
    assert load_journal(journal.id, other, Person("a" * 16)) == journal
    assert data_store.all_data_sets(tmp_path) == [kept]
    assert data_store.summary_or_rest(removed.hash, tmp_path).splits == removed.splits
    assert main(["database", "copy", "--home", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == {**NONE, "already there": 3}


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
