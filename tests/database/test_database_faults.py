"""A database that is locked, damaged, newer, moved or read-only: a sentence, and what can be read is read."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.spec import Spec
from labcore.database import sqlite_file
from labcore.database.database import FILE
from labcore.runs.store import RunNotFound, Store
from labcore.system.faults import sentence
from tests.shared.disk import Disk, small_disk
from tests.shared.pages import app
from tests.shared.runs import EVENTS, STEP


def kept(home: Path) -> str:
    """The id of a run that is over, in a home that no process holds."""
    store = Store(home)
    run = store.create(Spec())
    store.append(run, STEP)
    store.update(run, "stopped")
    return run


def test_a_database_that_another_program_keeps_locked_is_a_sentence_and_what_is_new_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "WAIT", 0.05)
    run = store.create(Spec())
    other = sqlite3.connect(store.home / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.append(run, STEP)  # it waits in memory
    store.update(run, "running")
    assert store.unwritten() == [run]
    assert list(store.events(run)) == [STEP]
    assert list(Store(store.home).events(run)) == []
    assert Store(store.home).read(run).status == "queued"  # who reads need not wait
    with pytest.raises(OSError, match="locked") as caught:
        store.create(Spec())
    assert sentence(caught.value) == (
        f"Another program keeps the database {store.home / FILE} locked. Close that program, then try again."
    )
    assert len(list((store.home / "runs").iterdir())) == 1
    other.execute("ROLLBACK")
    other.close()
    store.flush(run)
    assert list(Store(store.home).events(run)) == [STEP]
    assert Store(store.home).read(run).status == "running"


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\x00" + bytes(range(256)) * 40])
def test_a_damaged_database_is_a_sentence(content: bytes, lab_home: Path) -> None:
    run = kept(lab_home)
    (lab_home / FILE).write_bytes(content)
    store = Store()
    assert store.runs() == []
    assert not store.reachable()
    with pytest.raises(RunNotFound):
        store.read(run)
    fault = store.fault()
    assert fault is not None
    assert sentence(fault) == f"The database {lab_home / FILE} is damaged. Put back a copy of it, or give another home."
    with pytest.raises(OSError, match="is damaged"):
        store.create(Spec())
    assert (lab_home / FILE).read_bytes() == content


def test_a_database_of_a_newer_lab_is_left_alone(
    lab_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = kept(lab_home)
    database = sqlite3.connect(lab_home / FILE)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    before = (lab_home / FILE).read_bytes()
    store = Store()
    words = "was written by a newer version of the lab. Use that version, or give another home."
    assert store.runs() == []
    assert words in str(store.fault())
    with pytest.raises(OSError, match="newer version"):
        store.create(Spec())
    (tmp_path / "spec.json").write_text(Spec().to_json())
    assert main(["run", "--spec", str(tmp_path / "spec.json")]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: The database ")
    assert line.endswith(words)
    test = app("distil", run=run)
    assert any(words in warning.value for warning in test.warning)
    assert any("can't be read while the home can't be used" in warning.value for warning in test.warning)
    assert (lab_home / FILE).read_bytes() == before


@pytest.mark.parametrize("kind", ["read-only", "full"])
def test_runs_are_read_on_a_disk_that_takes_nothing(kind: str, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        home = disk.path / "lab"
        run = kept(home)
        break_disk(kind, disk)
        store = Store(home)
        assert [each.id for each in store.runs()] == [run]
        assert list(store.events(run)) == [STEP]
        assert store.read(run).status == "stopped"
        assert store.reachable()


def break_disk(kind: str, disk: Disk) -> None:
    if kind == "full":
        disk.fill()
    else:
        disk.remount("ro")


def test_nothing_is_open_while_no_run_is_held(tmp_path: Path) -> None:
    """So the disk can be unmounted or made read-only while a server runs."""
    with small_disk(tmp_path / "disk") as disk:
        store = Store(disk.path / "lab")
        run = store.create(Spec())
        store.update(run, "running")
        with pytest.raises(subprocess.CalledProcessError):
            disk.remount("ro")
        store.update(run, "stopped")
        store.runs()
        disk.remount("ro")
        disk.remount("rw")
        subprocess.run(["umount", str(disk.path)], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk.path)], check=True)
        assert store.runs() == []  # another disk at the same place
        new = store.create(Spec())
        assert [each.id for each in store.runs()] == [new]


def test_a_home_that_is_replaced_by_another_is_read_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = kept(home)
    store = Store(home)
    assert [run.id for run in store.runs()] == [first]
    home.rename(tmp_path / "first")
    second = kept(home)
    assert [run.id for run in store.runs()] == [second]
    store.rename(second, "the second")
    assert Store(home).read(second).name == "the second"


def test_an_event_that_was_written_though_the_system_reported_a_fault_is_there_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(Spec())
    write = store._table.write

    def failing(*given: object) -> None:
        write(*given)  # type: ignore[arg-type]
        raise OSError(5, os.strerror(5))

    with monkeypatch.context() as patch:
        patch.setattr(store._table, "write", failing)
        for event in EVENTS[:3]:
            store.append(run, event)
    store.append(run, EVENTS[3])
    assert list(store.events(run)) == list(Store(store.home).events(run)) == EVENTS[:4]
