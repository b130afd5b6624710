"""A queue with several slots, as with a cluster: what may run beside what, what pages show of it, and a restart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.finetuning import FineTuning
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.views.queue_words import place_in_words
from tests.shared.queues import died, order_of
from tests.shared.runs import Recorder, seeded, until

SLOTS = 3


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def jobs(store: Store, recorder: Recorder) -> Jobs:
    jobs = Jobs(store, recorder, load=lambda: None, make=recorder.make, slots=lambda: SLOTS)
    until(lambda: jobs.slots == SLOTS)
    return jobs


def test_as_many_run_as_there_are_slots_and_each_is_stopped_by_itself(jobs: Jobs, recorder: Recorder) -> None:
    ids = [jobs.submit(seeded(n), "a") for n in range(5)]
    until(lambda: recorder.begun == SLOTS)
    assert set(jobs.running) == set(ids[:SLOTS])
    assert [jobs.place(run) for run in ids] == [0, 0, 0, 3, 4]
    now = jobs.overview()
    assert [job.id for job in now.running] == list(jobs.running)
    assert (place_in_words(now, ids[3]) or "").startswith("1st of 2 in the queue")
    jobs.stop(ids[1])
    recorder.go.release(99)
    until(lambda: not jobs.busy())
    assert [jobs.store.read(run).status for run in ids] == ["finished", "stopped", *["finished"] * 3]
    assert recorder.most_at_once == SLOTS


def test_a_student_waits_for_its_assistant_and_a_teacher_for_the_one_that_is_made(
    jobs: Jobs, recorder: Recorder
) -> None:
    teachers = [jobs.make_teacher(title, FineTuning(task="reviews"), title) for title in ("One", "Two")]
    student = jobs.submit(replace(seeded(1), assistant=seeded(2)), "b")
    until(lambda: recorder.begun == 2)
    [assistant] = [run for run in jobs.running if run != teachers[0]]
    assert jobs.store.read(assistant).spec == seeded(2)
    other = jobs.submit(replace(seeded(3), assistant=seeded(2)), "c")  # it shares the assistant
    late = jobs.submit(seeded(4), "d")
    until(lambda: late in jobs.running)
    assert order_of(jobs)[-3:] == [student, teachers[1], other]
    assert jobs.running == (teachers[0], assistant, late)
    recorder.go.release(99)
    until(lambda: not jobs.busy())
    assert recorder.makes_at_once == 1


def test_after_a_restart_what_ran_is_interrupted_and_what_waited_waits(jobs: Jobs, recorder: Recorder) -> None:
    ids = [jobs.submit(seeded(n), owner) for n, owner in enumerate("aaaabb")]
    until(lambda: recorder.begun == SLOTS)
    ran, waited = jobs.running, order_of(jobs)
    assert len(waited) == 3
    jobs.pause()
    died(jobs, *ids)
    again = Jobs(Store(jobs.store.home), Recorder(), load=lambda: None, slots=lambda: SLOTS)
    assert set(order_of(again)) == set(waited)  # in the order in which owners have waited
    assert {again.store.read(run).status for run in ran} == {"interrupted"}


def test_slots_that_cannot_be_counted_leave_one(store: Store, recorder: Recorder) -> None:
    def away() -> int:
        raise OSError("the cluster is away")

    jobs = Jobs(store, recorder, load=lambda: None, slots=away)
    ids = [jobs.submit(seeded(n)) for n in range(2)]
    recorder.go.release(99)
    until(lambda: all(jobs.store.read(run).status == "finished" for run in ids))
    assert recorder.most_at_once == 1
