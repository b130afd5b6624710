"""A disk that is full at the end: the trained student waits for room, or is put elsewhere."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labcore.__main__ import main
from labcore.compress.student_folder import load_student
from labcore.config.spec import Spec
from labcore.results.events import Event, Finished
from labcore.runs import execute
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.runs.trained_student import NotSaved, Trained
from tests.shared.disk import Disk
from tests.shared.runs import EVENTS, FINISHED, seeded, until
from tests.shared.tiny import bytes_of


def full_at_the_end(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up after training, right before the student is saved."""
    evaluate = execute.evaluate

    def filling(*given: Any) -> Any:
        disk.fill()
        return evaluate(*given)

    monkeypatch.setattr(execute, "evaluate", filling)


def test_a_trained_student_waits_for_the_disk_and_the_next_run_goes_on(
    spec: Spec, own: Store, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_at_the_end(disk, monkeypatch)
    jobs = Jobs(own)
    run, after = jobs.submit(spec), jobs.submit(replace(spec, distil=replace(spec.distil, seed=1)))
    until(lambda: not jobs.busy(), seconds=60)
    assert jobs.unsaved_runs() == [run, after]
    for each in (run, after):
        assert own.read(each).status == "failed"
        assert "The student is trained, but it could not be saved. The disk is full" in str(own.read(each).error)
    trained = jobs.unsaved(run)
    assert trained is not None
    with zipfile.ZipFile(io.BytesIO(trained.zipped())) as archive:
        archive.extractall(disk.path.parent / "download")
    weights = bytes_of(trained.student.model)
    assert bytes_of(load_student(disk.path.parent / "download" / run).model) == weights
    with pytest.raises(NotSaved, match="disk is full"):
        jobs.save(run)
    disk.free()
    jobs.save(run)
    jobs.save(run)  # a second press does no harm
    jobs.save(after)
    assert jobs.unsaved_runs() == []
    other = Store(own.home)
    for each in (run, after):
        assert (other.read(each).status, other.read(each).error) == ("finished", None)
        events = list(other.events(each))
        assert [event for event in events if isinstance(event, Finished)] == events[-1:] == [other.read(each).result]
        assert other.logits(each) is not None
    assert bytes_of(other.student(run).model) == weights


def test_few_unsaved_students_are_kept_and_the_log_says_which_went(store: Store) -> None:
    def unsaved(spec: Spec, run: str, store: Store) -> Iterator[Event]:
        yield from EVENTS[:1]
        trained = Trained(spec, *[None] * 4, replace(FINISHED, run=run), 24, "")  # type: ignore[arg-type]
        raise NotSaved(trained, "The disk is full.")

    jobs = Jobs(store, unsaved, load=lambda: None)
    runs = [jobs.submit(seeded(i)) for i in range(5)]
    until(lambda: not jobs.busy())
    assert jobs.unsaved_runs() == runs[2:]
    log = (store.home / "lab.log").read_text()
    assert all((f"run {run}: its unsaved student was let go" in log) == (run in runs[:2]) for run in runs)


def test_the_command_puts_a_student_that_can_not_be_saved_elsewhere(
    spec: Spec,
    own: Store,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    full_at_the_end(disk, monkeypatch)
    (tmp_path / "spec.json").write_text(spec.to_json())
    command = ["run", "--spec", str(tmp_path / "spec.json"), "--home", str(own.home)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(tmp_path))
        assert main(command) == 1
    captured = capsys.readouterr()
    [line] = captured.err.splitlines()
    assert f"The disk is full: {own.home} can't be written." in line
    assert [json.loads(each)["event"] for each in captured.out.splitlines()][-1] != "finished"
    folder = Path(line.split("It was put in ")[1].split(" instead;")[0])
    assert load_student(folder).steps == spec.steps

    disk.free()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(disk.path))  # full, too, by then
        assert main(command) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "could not be put in the system's temporary folder either" in line
