"""A disk that fills up, or a home that goes away, while a run goes on: its events wait, in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.spec import Spec
from labcore.results.events import Event, Finished, TrainStep
from labcore.runs import jobs as jobs_module
from labcore.runs.execute import execute_and_store
from labcore.runs.jobs import Jobs
from labcore.runs.store import RunNotFound, Store
from labcore.runs.unsaved_students import UnsavedStudents
from labcore.system.files import add_lines
from tests.shared.disk import Disk
from tests.shared.runs import Recorder, until


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
    write, tries = UnsavedStudents.write_unwritten, False
    # The database's log goes when its last connection closes, and leaves room: nothing is to be written before we look.
    monkeypatch.setattr(UnsavedStudents, "write_unwritten", lambda self: write(self) if tries else None)
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
    tries = True
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
