"""`tidy` lists what nothing refers to, deletes it if asked, and leaves all else as it was."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.spec import Spec
from labcore.database.database import FILE
from labcore.runs.store import Store
from labcore.system.hashed_files import FOLDER, SMALLEST
from tests.shared.old_runs import write_old_run
from tests.shared.runs import FINISHED, PAIR, finished_run, student_folder

HOURS = 3 * 3600.0


def old(path: Path, content: bytes | None = None) -> Path:
    """A file, or a folder with a file, last changed some hours ago."""
    file = path if content is not None else path / "weights"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content or bytes(1000))
    for each in (file, file.parent):
        os.utime(each, (time.time() - HOURS,) * 2)
    return path


def tidied(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, int]:
    """The bytes of each path that the command prints."""
    assert main(["tidy", *arguments]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["deleted"] is bool(arguments)
    assert printed["bytes"] == sum(file["bytes"] for file in printed["files"])
    return {file["path"]: file["bytes"] for file in printed["files"]}


def files_of(home: Path) -> set[Path]:
    return {path for path in home.rglob("*") if not path.name.startswith("lab.")}


def test_what_nothing_refers_to_is_listed_and_then_deleted(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    runs = store.home / "runs"
    write_old_run(store.home, finished_run("20260101-000000-0000001", Spec(), 0.8))
    finished = store.create(Spec())
    store.save_student(finished, lambda folder: old(folder))
    store.finish(finished, FINISHED, PAIR)
    active = store.create(Spec())
    old(runs / active / ".student.abc")
    taken_away = runs / "20260101-000000-0000009"
    write_old_run(store.home, finished_run(taken_away.name, Spec(), 0.8))  # an older lab's, after the taking in
    os.utime(taken_away, (time.time() - HOURS,) * 2)
    old(runs / "notes" / "mine.txt", b"mine")
    (runs / "20260101-000000-0000008").mkdir()  # somebody may be making it
    kept = files_of(store.home)

    gone = {
        old(runs / "20260101-000000-0000002"): 1000,
        old(runs / finished / ".student.abc"): 1000,
        old(runs / finished / "tmp1234.part", b"part"): 4,
        old(store.home / "exercises" / "x.part", b"12"): 2,
    }
    before = files_of(store.home)
    assert tidied(capsys) == {f"{path}": size for path, size in gone.items()}
    assert files_of(store.home) == before
    assert tidied(capsys, "--delete") == {f"{path}": size for path, size in gone.items()}
    assert files_of(store.home) - {store.home / "exercises"} == kept
    assert tidied(capsys) == {}
    assert student_folder(store, finished).is_dir()


def test_a_deleted_run_keeps_its_files_for_a_day(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(Spec())
    store.save_student(run, lambda folder: old(folder))
    store.finish(run, FINISHED, PAIR)
    store.delete(run)
    old(student_folder(store, run).parent / "lock", b"x")
    assert tidied(capsys) == {}
    store.restore(run)
    store._table.change(run, deleted="2026-01-01T00:00:00+00:00")
    assert set(tidied(capsys)) == {f"{store.home / 'runs' / run}"}


def test_a_home_without_a_database_is_refused(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(Spec())
    store.finish(run, FINISHED, PAIR)
    (store.home / FILE).unlink()
    before = files_of(store.home)
    assert main(["tidy", "--delete"]) != 0
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert f"{store.home / FILE} is missing" in line
    assert files_of(store.home) == before


def test_a_file_that_two_runs_share_goes_with_the_second(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = store.create(Spec()), store.create(Spec())
    for run in (one, two):
        store.save_student(run, lambda folder: old(folder / "weights", bytes(SMALLEST)))
        store.finish(run, FINISHED, PAIR)
    [shared] = (store.home / FOLDER).iterdir()

    def forget(run: str) -> Path:
        store._table.change(run, deleted="2026-01-01T00:00:00+00:00")
        return old(student_folder(store, run).parent / "lock", b"x").parent

    assert tidied(capsys) == {}
    folder = forget(one)
    assert tidied(capsys, "--delete") == {f"{folder}": 1}
    assert store.has_student(two)
    folder = forget(two)
    assert tidied(capsys) == tidied(capsys, "--delete") == {f"{folder}": 1, f"{shared}": SMALLEST}
    assert not shared.exists()
