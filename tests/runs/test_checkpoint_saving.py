"""When a run's checkpoint is saved, and the queue in which interrupted runs resume."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.spec import Spec, SpecError
from labcore.results.events import Event, Finished, Resumed, TrainStep
from labcore.runs.checkpoint_saver import CheckpointSaver
from labcore.runs.execute import execute_and_store
from labcore.runs.jobs import Jobs
from labcore.runs.resuming import MOST_ATTEMPTS, attempts, checkpoint_step, interrupted_runs, resumes_by_itself
from labcore.runs.run_table import RunTable
from labcore.runs.store import Store
from tests.shared.runs import EVENTS, Recorder, seeded, until

# -- saving ------------------------------------------------------------------------------------------


def test_a_disk_that_refuses_a_checkpoint_ends_no_training(
    trained: Spec, store: Store, often: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save_checkpoint", full)
    run = store.create(trained)
    assert isinstance(list(execute_and_store(trained, run, store))[-1], Finished)
    assert store.read(run).status == "finished"


def test_no_checkpoint_is_saved_while_events_wait_for_the_disk(
    trained: Spec, store: Store, often: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a run would resume with a gap in its curves."""
    run = store.create(trained)
    monkeypatch.setattr(store, "unwritten", lambda: [run])
    for event in execute_and_store(trained, run, store):
        assert store.checkpoint(run) is None, event


class Hours:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("save", "interval"), [(0.001, 1.0), (0.1, 5.0), (0.5, 25.0), (9.0, 30.0)])
def test_an_interval_follows_from_the_time_of_a_save(
    save: float, interval: float, spec: Spec, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Hours()
    saver = CheckpointSaver("x", store, clock)
    monkeypatch.setattr(saver, "_save", lambda: setattr(clock, "now", clock.now + save))
    saver.save()
    begin = clock.now
    while saver.seconds < 1.5 * save:
        clock.now += 0.01
        saver.save_if_due()
    assert clock.now - save - begin == pytest.approx(interval, abs=0.02)


@pytest.mark.parametrize("given", ["soon", "0", "-3", "nan"])
def test_another_interval_than_a_number_of_seconds_is_refused(
    given: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_CHECKPOINT_SECONDS", given)
    with pytest.raises(SpecError, match="LAB_CHECKPOINT_SECONDS"):
        CheckpointSaver("x", store)


# -- the queue ---------------------------------------------------------------------------------------


def cut_off(store: Store, spec: Spec, events: list[Event]) -> str:
    """A run whose process died: active on disk, held by nobody."""
    run = store.create(spec)
    for event in events:
        store.append(run, event)
    store._release(run)
    return run


def test_interrupted_runs_resume_by_themselves_in_their_order(store: Store) -> None:
    ids = [cut_off(store, seeded(i), EVENTS[:2]) for i in range(3)]
    stopped = store.create(seeded(9))
    store.update(stopped, "stopped")
    recorder = Recorder()
    again = Store(store.home)
    jobs = Jobs(again, recorder, load=lambda: None, resume=True)
    until(lambda: jobs.place(ids[2]) == 2)
    assert [jobs.place(run) for run in ids] == [0, 1, 2]
    assert jobs.place(stopped) is None
    recorder.go.release(9)
    until(lambda: all(again.read(run).status == "finished" for run in ids))


def test_a_run_that_ends_its_process_each_time_stops_resuming_by_itself(store: Store) -> None:
    for attempt in range(MOST_ATTEMPTS):
        run = cut_off(store, seeded(attempt), [Resumed(0, attempt, "")] if attempt else [])
        assert attempts(run, store) == attempt
    over = cut_off(store, seeded(7), [Resumed(0, MOST_ATTEMPTS, "")])
    assert [run.spec.distil.seed for run in interrupted_runs(store)] == list(range(MOST_ATTEMPTS))
    assert store.reopen(over).status == "queued"  # a person may


def test_an_unknown_way_to_resume_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not resumes_by_itself()
    monkeypatch.setenv("LAB_RESUME", "auto")
    assert resumes_by_itself()
    monkeypatch.setenv("LAB_RESUME", "always")
    with pytest.raises(SpecError, match="LAB_RESUME"):
        resumes_by_itself()


def test_the_end_of_the_process_keeps_a_checkpoint_and_the_run_reads_as_interrupted(
    trained: Spec, store: Store
) -> None:
    long = replace(trained, distil=replace(trained.distil, epochs=1000))
    jobs = Jobs(store)
    run = jobs.submit(long)
    until(lambda: any(isinstance(event, TrainStep) for event in store.events(run)))
    jobs.close(60)
    kept = RunTable(store.home).read(run)
    assert kept is not None
    assert kept.status == "running"
    store._release(run)  # as the end of the process does
    now = Store(store.home).read(run)
    assert now.status == "interrupted"
    step = checkpoint_step(now, store)
    assert step == [event.step for event in store.events(run) if isinstance(event, TrainStep)][-1]
