"""A home that is a file, missing, full or read-only: no trained student is lost, and nothing is left half-made."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.__main__ import main
from labcore.compress.student_folder import load_student
from labcore.config.spec import Spec
from labcore.data.examples import SPLITS, Examples
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.results.events import Event, Finished, TrainStep
from labcore.runs import execute
from labcore.runs import jobs as jobs_module
from labcore.runs.execute import execute_and_store
from labcore.runs.jobs import Jobs
from labcore.runs.store import RunNotFound, Store
from labcore.runs.trained_student import NotSaved, Trained
from labcore.system.files import add_lines
from labcore.system.writable import home_error
from tests.shared.disk import Disk, small_disk
from tests.shared.runs import EVENTS, FINISHED, Recorder, seeded, until
from tests.shared.tiny import TINY, bytes_of
from tests.shared.tiny_tasks import give_task, task_with


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def own(disk: Disk) -> Store:
    """A store on the small disk, with a run in it."""
    store = Store(disk.path / "lab")
    store.update(store.create(Spec()), "stopped")
    return store


@pytest.fixture
def spec(tmp_path: Path, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """A run of five steps on the tiny BERT."""
    folder = tmp_path / "teacher"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(TINY.vocabulary - 5))]
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(words)})
    inputs = [f"w{i % 40} w{(7 * i) % 50} w{(3 * i) % 55}" for i in range(90)]
    with torch.inference_mode():
        logits = torch.cat([tiny(**tokenizer(text, return_tensors="pt")).logits for text in inputs])
    margin = logits[:, 1] - logits[:, 0]
    with torch.no_grad():
        tiny.classifier.bias[0] += margin.median()  # half of the texts in each class: a teacher that does its task
    tiny.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    labels = (margin > margin.median()).int().tolist()
    splits = {
        split: Examples(tuple(inputs[i:j]), tuple(labels[i:j]))
        for split, (i, j) in zip(SPLITS, ((0, 40), (40, 60), (60, 90)), strict=True)
    }
    give_task(monkeypatch, task_with(splits))
    return Spec.from_dict(
        {
            "teacher": str(folder),
            "steps": [{"kind": "keep_layers", "count": 2}],
            "distil": {"epochs": 1, "batch_size": 8},
        }
    )


def full_at_the_end(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up after training, right before the student is saved."""
    evaluate = execute.evaluate

    def filling(*given: Any) -> Any:
        disk.fill()
        return evaluate(*given)

    monkeypatch.setattr(execute, "evaluate", filling)


# -- what is wrong with a home -----------------------------------------------------------------------


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


# -- a disk that fills up while a run goes on ----------------------------------------------------------


def steps(first: int, last: int) -> list[Event]:
    return [
        TrainStep(
            step=i,
            steps=500,
            examples=8 * i,
            seconds=0.5,
            elapsed=0.6,
            learning_rate=1e-4,
            total=0.7,
            losses={"hard": 0.6, "soft": 0.5},
        )
        for i in range(first, last + 1)
    ]


def test_events_wait_in_order_while_the_disk_is_full(own: Store, disk: Disk) -> None:
    run = own.create(Spec())
    other = Store(own.home)  # another process that looks
    for event in steps(1, 60):
        own.append(run, event)
    disk.fill()
    for event in steps(61, 200):
        own.append(run, event)
    own.update(run, "running")
    assert list(own.events(run)) == steps(1, 200)
    assert own.read(run).status == "running"
    on_disk = list(other.events(run))
    assert on_disk == steps(1, len(on_disk))  # as far as there was room, and no line torn
    assert 60 <= len(on_disk) < 200
    assert own.unwritten() == [run]
    disk.free()
    own.append(run, *steps(201, 201))
    own.update(run, "stopped")
    assert list(other.events(run)) == steps(1, 201)
    assert other.read(run).status == "stopped"
    assert own.unwritten() == []


def test_lines_that_do_not_fit_leave_the_file_as_it_was(disk: Disk) -> None:
    path = disk.path / "events"
    add_lines(path, "a\n" * 1000)
    disk.fill(spare=1)
    with pytest.raises(OSError, match="No space left"):
        add_lines(path, "b\n" * 10_000)
    assert path.read_text() == "a\n" * 1000


def test_what_waits_is_written_once_there_is_room_though_nothing_runs(
    own: Store, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "RETRY", 0.02)
    recorder = Recorder()
    jobs = Jobs(own, recorder, load=lambda: None)
    run = jobs.submit(Spec())
    until(lambda: own.read(run).status == "running")
    disk.fill()
    recorder.go.release(3)
    until(lambda: not jobs.busy())
    assert own.read(run).status == "finished"
    assert Store(own.home).read(run).status == "interrupted"  # as far as the disk knows
    disk.free()
    until(lambda: Store(own.home).read(run).status == "finished")
    assert len(list(Store(own.home).events(run))) == 3


def test_a_home_that_is_gone_for_a_while_does_not_end_a_run(store: Store) -> None:
    run = store.create(Spec())
    store.append(run, *steps(1, 1))
    away = store.home.rename(store.home.parent / "away")
    store.append(run, *steps(2, 2))
    store.update(run, "running")
    assert store.read(run).status == "running"
    assert store.runs() == []
    away.rename(store.home)
    store.append(run, *steps(3, 3))
    store.update(run, "stopped")
    assert list(Store(store.home).events(run)) == steps(1, 3)
    assert Store(store.home).read(run).status == "stopped"


def test_a_run_whose_folder_is_deleted_is_not_kept_alive(store: Store) -> None:
    run, other = store.create(Spec()), store.create(Spec())
    store.discard(run)
    with pytest.raises(FileNotFoundError):
        store.append(run, *steps(1, 1))
    with pytest.raises(RunNotFound):
        store.update(run, "running")
    assert [each.id for each in store.runs()] == [other]
    assert store.unwritten() == []


def test_a_disk_that_is_full_for_a_while_costs_a_run_nothing(spec: Spec, own: Store, disk: Disk) -> None:
    longer = replace(spec, distil=replace(spec.distil, epochs=20))
    run = own.create(longer)
    events: list[Event] = []
    for event in execute_and_store(longer, run, own):
        events.append(event)
        if isinstance(event, TrainStep) and event.step == 2:
            disk.fill()
        if isinstance(event, TrainStep) and event.step == 90:
            assert own.unwritten() == [run]
            assert len(list(Store(own.home).events(run))) < len(events)
            disk.free()
    other = Store(own.home)
    assert list(other.events(run)) == events
    assert isinstance(events[-1], Finished)
    assert other.read(run).status == "finished"
    other.student(run)


def test_predictions_that_can_not_be_cached_cost_a_run_nothing(spec: Spec, own: Store, disk: Disk) -> None:
    run = own.create(spec)
    events = execute_and_store(spec, run, own)
    next(events)
    disk.fill()
    for event in events:
        if isinstance(event, TrainStep):
            disk.free()
    assert own.read(run).status == "finished"
    assert list(own.home.glob("targets/*")) == []


# -- a disk that is full at the end ---------------------------------------------------------------------


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
        trained = Trained(spec, *[None] * 4, replace(FINISHED, run=run), 24)  # type: ignore[arg-type]
        raise NotSaved(trained, "The disk is full.")

    jobs = Jobs(store, unsaved, load=lambda: None)
    runs = [jobs.submit(seeded(i)) for i in range(5)]
    until(lambda: not jobs.busy())
    assert jobs.unsaved_runs() == runs[2:]
    log = (store.home / "lab.log").read_text()
    assert all((f"run {run}: its unsaved student was let go" in log) == (run in runs[:2]) for run in runs)


# -- the command line -----------------------------------------------------------------------------------


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


# -- a read-only view of a home ---------------------------------------------------------------------------


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
