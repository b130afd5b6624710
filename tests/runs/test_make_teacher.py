"""Making a teacher in the queue: it runs, ends, stops and fails as a run does; and then it is a teacher."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labcore.config.finetuning import FineTuning
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.data.own.data_store import hash_in, remove
from labcore.results.events import Event, TeacherValidation
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.runs.time_estimate import NO_TIME, making_time, total_time
from labcore.teacher.own_teachers import OwnTeacher
from tests.shared.parcels import kept_data
from tests.shared.runs import STEP, Recorder, seeded, until


def status_of(jobs: Jobs, teacher_id: str) -> str:
    teacher = jobs.teachers.read(teacher_id)
    assert teacher is not None
    return teacher.status


def test_from_data_to_a_student(store: Store) -> None:
    """All of it in the queue, with the real base: the teacher is made, then a run of its student."""
    task = kept_data()
    jobs = Jobs(store)
    made = jobs.make_teacher("Parcels", FineTuning(task=task, epochs=2, learning_rate=2e-3))
    spec = Spec(
        teacher=f"own:{made}", task=task, steps=(KeepLayers(count=2),), distil=DistilConfig(steps=4, batch_size=16)
    )
    until(lambda: status_of(jobs, made) == "ready")
    teacher = jobs.teachers.read(made)
    assert teacher is not None
    assert teacher.figures is not None
    assert any(isinstance(event, TeacherValidation) for event in jobs.teachers.events(made))
    run = jobs.submit(spec)
    until(lambda: jobs.place(run) is None)
    result = store.read(run)
    assert result.error is None
    assert result.status == "finished"
    assert store.finished_runs()[0].result.teacher_accuracy == pytest.approx(teacher.figures.accuracy)
    config = (store.home / "runs" / run / "student" / "config.json").read_text()
    assert '"complaint"' in config  # the student's labels are the data's


def test_a_failure_is_a_sentence_of_its_entry(store: Store) -> None:
    task = kept_data(120)
    jobs = Jobs(store, Recorder(), load=lambda: None)
    data_hash = hash_in(task)
    assert data_hash is not None
    remove(data_hash)
    made = jobs.make_teacher("Parcels", FineTuning(task=task))
    until(lambda: status_of(jobs, made) == "failed")
    until(lambda: jobs.place(made) is None)
    teacher = jobs.teachers.read(made)
    assert teacher is not None
    assert teacher.error is not None
    assert "not on this machine" in teacher.error


def made_by_steps(teacher: OwnTeacher, store: TeacherStore) -> Iterator[Event]:
    """As `make_teacher` does, without a model."""
    store.update(teacher.id, status="running")
    try:
        while True:
            store.append(teacher.id, STEP)
            yield STEP
    except GeneratorExit:
        store.update(teacher.id, status="stopped")
        raise


def test_it_stops_after_a_step_and_the_next_job_begins(store: Store) -> None:
    recorder = Recorder()
    jobs = Jobs(store, recorder, load=lambda: None, make=made_by_steps)
    first, second = (jobs.make_teacher("Mine", FineTuning(task="reviews", seed=seed)) for seed in range(2))
    run = jobs.submit(seeded(0))
    until(lambda: len(list(jobs.teachers.events(first))) > 0)
    assert [jobs.place(each) for each in (first, second, run)] == [0, 1, 2]
    assert jobs.make_teacher("Mine", FineTuning(task="reviews", seed=0)) == first  # pressed twice
    jobs.stop(second)
    assert status_of(jobs, second) == "stopped"
    jobs.stop(first)
    until(lambda: status_of(jobs, first) == "stopped")
    until(lambda: jobs.place(run) == 0)
    recorder.go.release(9)
    until(lambda: jobs.place(run) is None)
    assert store.read(run).status == "finished"


def test_a_queued_teacher_takes_time(store: Store, tmp_path: Path) -> None:
    config = FineTuning(task="reviews")
    teacher = TeacherStore().create_to_make("Mine", config)
    assert total_time([teacher], []).seconds == making_time(config).seconds
    assert total_time([], []) == NO_TIME
    longer = making_time(FineTuning(task="reviews", epochs=20))
    assert longer.seconds > 2 * making_time(FineTuning(task="reviews", epochs=2)).seconds
