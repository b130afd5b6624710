"""A home of an earlier version of the lab: its runs are taken in once, and its files stay as they were."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.config.spec import Spec
from labcore.database.database import FILE
from labcore.results.run import Run
from labcore.runs.store import Store
from tests.shared.disk import small_disk
from tests.shared.old_runs import content, write_old_run
from tests.shared.runs import EVENTS, FINISHED, PAIR, finished_run, seeded
from tests.shared.source_files import ROOT


def old_home(home: Path) -> list[Run]:
    """A home with runs of every kind, newest first."""
    best = replace(finished_run("20260103-000000-0000000", Spec(), 0.8), name="my best")
    failed = replace(Run(id="20260102-000000-0000000", spec=seeded(2), status="failed", created="x"), error="no memory")
    stopped = Run(id="20260101-000000-0000000", spec=seeded(1), status="stopped", created="x", counts=PAIR)
    write_old_run(home, best, EVENTS)
    write_old_run(home, failed)
    write_old_run(home, stopped, EVENTS[:2])
    cut_off = replace(stopped, id="20251231-000000-0000000", status="running")
    write_old_run(home, cut_off, EVENTS[:1])
    with (home / "runs" / cut_off.id / "events.jsonl").open("a") as file:
        file.write('{"event": "step", "st')  # the line that it was writing
    (home / "runs" / "notes").mkdir()
    (home / "runs" / "a file").write_text("")
    broken = write_old_run(home, replace(stopped, id="broken"))
    (broken / "spec.json").write_text("{")
    return [best, failed, stopped, replace(cut_off, status="interrupted")]


def test_an_old_home_is_taken_in_once_and_left_as_it_was(tmp_path: Path) -> None:
    runs = old_home(tmp_path)
    before = content(tmp_path)
    store = Store(tmp_path)
    assert store.runs() == runs
    assert [list(store.events(run.id)) for run in runs] == [EVENTS, [], EVENTS[:2], EVENTS[:1]]
    assert store.find(Spec()) == runs[0]
    assert content(tmp_path) == before
    store.rename(runs[0].id, "another")
    store.discard(runs[1].id)
    kept = [replace(runs[0], name="another"), *runs[2:]]
    assert Store(tmp_path).runs() == kept  # the old files are not read again
    new = store.create(Spec())
    assert [run.id for run in Store(tmp_path).runs()] == [new, *(run.id for run in kept)]


def test_two_processes_that_open_an_old_home_take_it_in_once(tmp_path: Path) -> None:
    runs = old_home(tmp_path)
    first, second = Store(tmp_path), Store(tmp_path)
    assert first.runs() == second.runs() == runs


@pytest.mark.parametrize("kind", ["read-only", "full"])
def test_an_old_home_that_takes_no_database_is_read_and_taken_in_later(kind: str, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        home = disk.path / "lab"
        runs = old_home(home)
        if kind == "full":
            disk.fill()
        else:
            disk.remount("ro")
        store = Store(home)
        for _ in range(2):
            assert store.runs() == runs
            assert list(store.events(runs[0].id)) == EVENTS
            assert store.find(Spec()) == runs[0]
        with pytest.raises(OSError, match=r"space|Read-only"):
            store.rename(runs[0].id, "another")
        assert not (home / FILE).exists()
        if kind == "full":
            disk.free()
        else:
            disk.remount("rw")
        store.rename(runs[0].id, "another")
        assert Store(home).runs() == [replace(runs[0], name="another"), *runs[1:]]


def test_a_home_that_an_older_lab_really_wrote_is_taken_in(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(ROOT / "tests" / "before" / "home", home)
    before = content(home)
    store = Store(home)
    names = sorted((path.name for path in (home / "runs").iterdir()), reverse=True)
    assert [run.id for run in store.runs()] == names
    finished = store.finished_runs()
    assert len(finished) == len(names)
    for run in finished:
        log = home / "runs" / run.id / "events.jsonl"
        events = list(store.events(run.id))
        assert len(events) == (len(log.read_text().splitlines()) if log.exists() else 0)
        assert events[-1:] in ([], [run.result])
        assert store.has_student(run.id) == (home / "runs" / run.id / "student").is_dir()
    assert content(home) == before


def test_a_result_without_numbers_of_a_later_field_is_taken_in(tmp_path: Path) -> None:
    run = finished_run("20260101-000000-0000000", Spec(), 0.8)
    write_old_run(tmp_path, run, [FINISHED], machine=None, teacher=None)
    assert Store(tmp_path).runs() == [run]
