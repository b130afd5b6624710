"""A home that is a file, missing, full or read-only is refused, leaves nothing half-made, and works once mended."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.spec import Spec
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.system.writable import home_error
from tests.shared.disk import Disk
from tests.shared.runs import Recorder, seeded, until


def test_what_is_wrong_with_a_home_is_known_without_writing(disk: Disk) -> None:
    home = disk.path / "lab"
    assert home_error(home) is None  # it can be made
    (disk.path / "a file").write_text("")
    for given in (disk.path / "a file", disk.path / "a file" / "below"):
        error = home_error(given)
        assert error is not None
        assert (error.errno, error.filename) == (errno.ENOTDIR, str(disk.path / "a file"))
    home.mkdir()
    (home / "runs").write_text("")
    assert (failure := home_error(home)) is not None
    assert failure.filename == str(home / "runs")
    (home / "runs").unlink()
    disk.fill()
    assert (failure := home_error(home)) is not None
    assert failure.errno == errno.ENOSPC
    disk.free()
    disk.remount("ro")
    assert (failure := home_error(home)) is not None
    assert failure.errno == errno.EROFS
    disk.remount("rw")
    assert home_error(home) is None
    assert list(home.iterdir()) == []


def test_a_link_that_leads_in_a_circle_and_a_user_who_is_not_there_are_homes_that_can_not_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "circle"))
    assert home_error(Store().home) is not None
    assert Store().runs() == []
    monkeypatch.setenv("LAB_HOME", "~nobody-of-this-name/lab")
    monkeypatch.chdir(tmp_path)
    assert Store().runs() == []


@pytest.mark.parametrize("kind", ["file", "below a file", "full", "read-only"])
def test_a_run_that_can_not_be_kept_leaves_nothing_and_works_once_the_home_is_mended(kind: str, disk: Disk) -> None:
    home = disk.path / "place" / "lab"
    match kind:
        case "file":
            home.parent.mkdir()
            home.write_text("")
        case "below a file":
            home.parent.write_text("")
        case "full":
            disk.fill()
        case "read-only":
            disk.remount("ro")
    store = Store(home)
    jobs = Jobs(store, Recorder(), load=lambda: None)
    attempt = Attempt(new_id())
    assert store.runs() == []
    for _ in range(2):
        with pytest.raises(OSError, match=r"directory|space|Read-only") as caught:
            jobs.submit(Spec())
        assert caught.value.errno in (errno.ENOTDIR, errno.ENOSPC, errno.EROFS)
        with pytest.raises(OSError, match=r"directory|space|Read-only"):
            save_attempt(attempt, store)
    assert not jobs.busy()
    assert not [path for path in disk.path.rglob("*") if path.parent.name == "runs"]
    match kind:
        case "file":
            home.unlink()
        case "below a file":
            home.parent.unlink()
        case "full":
            disk.free()
        case "read-only":
            disk.remount("rw")
    run = jobs.submit(Spec())
    until(lambda: store.read(run).status == "running")
    save_attempt(attempt, store)
    assert load_attempt(attempt.id, store) == attempt


def test_a_chain_is_queued_whole_or_not_at_all(own: Store, disk: Disk) -> None:
    jobs = Jobs(own, Recorder(), load=lambda: None)
    before = {run.id for run in own.runs()}
    chain = Spec(assistant=seeded(1))
    disk.fill(spare=3)  # one run takes two
    with pytest.raises(OSError, match="No space left"):
        jobs.submit(chain)
    assert {path.name for path in (own.home / "runs").iterdir()} == before
    assert not jobs.busy()
    disk.free()
    jobs.submit(chain)
    assert len(own.runs()) == len(before) + 2


@pytest.mark.parametrize("kind", ["file", "full", "read-only"])
def test_the_command_refuses_a_home_that_can_not_be_used_in_a_line(
    kind: str, spec: Spec, disk: Disk, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = disk.path / "lab"
    match kind:
        case "file":
            home.write_text("")
        case "full":
            disk.fill()
        case "read-only":
            disk.remount("ro")
    (tmp_path / "spec.json").write_text(spec.to_json())
    assert main(["run", "--spec", str(tmp_path / "spec.json"), "--home", str(home)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    [line] = captured.err.splitlines()
    assert line.startswith("error: ")
    assert str(home) in line
    assert {"file": "a file, not a folder", "full": "disk is full", "read-only": "read-only"}[kind] in line


def test_a_run_that_goes_on_is_seen_through_a_read_only_view(own: Store, disk: Disk) -> None:
    run, ended = own.create(Spec()), own.create(Spec())
    own.update(run, "running")
    own.update(ended, "running")
    own._locks.pop(ended).release()  # as if its process had died
    view = disk.path.parent / "view"
    view.mkdir()
    subprocess.run(["mount", "--bind", str(disk.path), str(view)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(view)], check=True)
        seen = Store(view / "lab")
        assert seen.read(run).status == "running"
        assert seen.read(ended).status == "interrupted"
    finally:
        subprocess.run(["umount", "--lazy", str(view)], check=True)
