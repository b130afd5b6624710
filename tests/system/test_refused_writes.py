"""Writes that the system refuses in the middle: nothing is lost, nothing half-made is seen, and the next try works."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from labcore.data.own import data_store
from labcore.database.database import FILE, Database
from labcore.runs.jobs import Jobs
from labcore.runs.leftovers import leftovers, remove
from labcore.runs.run_table import RunTable
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.system import files
from labcore.teacher.own_teachers import all_entries
from tests.shared.faults import breaking, system
from tests.shared.own_data import made, some
from tests.shared.runs import Recorder, seeded

ANN, BEN = "a" * 16, "b" * 16


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    """A queue that is paused."""
    store.queue.keep_state("paused")
    queue = Jobs(store, Recorder(), load=lambda: None)
    yield queue
    queue.close()


def refusing_once(write: Callable[..., object]) -> Callable[..., object]:
    """The database's own transaction, whose end the disk refuses the second time."""
    times = iter((False, True))

    @contextmanager
    def to_write(self: Database, *, make: bool = False) -> Iterator[object]:
        with write(self, make=make) as connection:  # type: ignore[attr-defined]
            yield connection
            if next(times, False):
                raise system(errno.ENOSPC)

    return to_write


def test_a_place_in_the_queue_that_the_disk_refused_is_written_later(jobs: Jobs) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "to_write", refusing_once(Database.to_write))  # first the run, then its place
        run = jobs.submit(seeded(1), ANN)
    assert jobs.place(run) == 0
    assert jobs.store.queue.waiting() == []
    jobs.write_waiting()
    assert [turn.jobs for turn in jobs.store.queue.waiting()] == [(run,)]


def test_who_can_not_leave_a_job_waits_for_it_still(jobs: Jobs) -> None:
    run = jobs.submit(seeded(1), ANN)
    assert jobs.submit(seeded(1), BEN) == run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunTable, "change", breaking(lambda: system(errno.EROFS)))
        with pytest.raises(OSError, match="Read-only"):
            jobs.leave(run, ANN)
    assert (jobs.owners(run), jobs.store.owner_of(run)) == ([ANN, BEN], ANN)
    jobs.leave(run, ANN)
    assert (jobs.owners(run), Store(jobs.store.home).owner_of(run)) == ([BEN], BEN)


def test_a_data_set_that_can_not_be_read_for_a_moment_is_not_taken_for_damaged(lab_home: Path) -> None:
    """With too many open files, adding equal data once deleted the data set that was there."""
    kept = data_store.save(made(some(40)), owner=ANN)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_text", "read_bytes"):
            patch.setattr(Path, name, breaking(lambda: system(errno.EMFILE)))
        with pytest.raises(OSError, match="Too many open files"):
            data_store.save(made(some(40)), owner=BEN)
    assert data_store.load(kept.hash).hash == kept.hash
    assert data_store.save(made(some(40)), owner=BEN).owners == {ANN, BEN}
    (lab_home / "data" / kept.hash / "rows.jsonl").write_text("{")  # damaged indeed
    assert data_store.save(made(some(40)), owner=BEN).hash == kept.hash


def test_a_teacher_is_removed_at_once_or_not_at_all(lab_home: Path) -> None:
    store = TeacherStore()
    teacher = store.create("Mine", "reviews", "folder", source="x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files.os, "replace", breaking(lambda: system(errno.EROFS)))
        with pytest.raises(OSError, match="Read-only"):
            store.remove(teacher.id)
    assert all_entries() == [teacher]
    store.remove(teacher.id)
    assert list((lab_home / "teachers").iterdir()) == []


def test_a_folder_that_can_not_be_removed_hides_no_error(tmp_path: Path) -> None:
    """tempfile's own folder ended with a RecursionError in its place."""

    def written(patch: pytest.MonkeyPatch) -> None:
        with files.folder_beside(tmp_path / "x", ".x-") as folder:
            (folder / "file").write_text("")
            patch.setattr(os, "unlink", breaking(lambda: system(errno.EACCES)))
            raise system(errno.ENOSPC)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="No space left"):
        written(patch)


def test_an_uploaded_teacher_is_seen_once_its_files_are_there(lab_home: Path, tmp_path: Path) -> None:
    store, upload = TeacherStore(), tmp_path / "upload"
    upload.mkdir()
    (upload / "model.safetensors").write_text("weights")

    def looking(source: str, target: Path) -> None:
        assert all_entries() == []
        os.rename(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "move", looking)
        store.create("Mine", "reviews", "upload", files=str(upload))
    [entry] = all_entries()
    assert (store.model_folder(entry.id) / "model.safetensors").read_text() == "weights"


def test_a_server_does_not_write_to_a_database_that_a_newer_one_has_changed_meanwhile(store: Store) -> None:
    run = store.create(seeded(1))
    store.update(run, "stopped")
    with closing(sqlite3.connect(store.home / FILE, isolation_level=None)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(OSError, match="newer version of the lab"):
            store.rename(run, "mine")
        newer.execute("UPDATE alembic_version SET version_num = '0005'")
    store.rename(run, "mine")


def test_what_a_killed_process_left_half_written_is_tidied(store: Store, lab_home: Path) -> None:
    run = store.create(seeded(1))
    store.update(run, "stopped")
    half = [
        *(f"{place}/a.part" for place in ("targets", "data", "data/removed", "exercises", "tours")),
        "owners.secret.0123.part", "targets/.tmpAbc123", f"runs/{run}/.tmpAbc123", "teachers/mine-ab12/.model-x",
        "teachers/.mine-ab12-0123.part", f"runs/{run}/.student.x",
    ]  # fmt: skip
    for name in half:
        (lab_home / name).parent.mkdir(parents=True, exist_ok=True)
        (lab_home / name).write_text("half")
    assert leftovers(store) == []  # somebody may be writing them
    for name in half:
        for path in ((lab_home / name), (lab_home / name).parent):
            os.utime(path, (time.time() - 7200,) * 2)
    remove(leftovers(store))
    assert [path for path in lab_home.rglob("*") if path.name in {Path(n).name for n in half}] == []
    assert store.read(run).status == "stopped"
