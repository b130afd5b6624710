"""The queue of a class: it outlasts a restart, equal runs are shared, and a host orders and pauses it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers
from labcore.database.schema import QUEUE
from labcore.runs.jobs import Jobs
from labcore.runs.server_limits import limits
from labcore.runs.store import Store
from labcore.teacher.own_teachers import OwnTeacher
from tests.shared.queues import died, order_of
from tests.shared.runs import Recorder, seeded, until

CONFIG = FineTuning(task="reviews")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def jobs(store: Store, recorder: Recorder) -> Jobs:
    """A queue in which a run of nobody is in its first step, so that all else waits."""
    jobs = Jobs(store, recorder, load=lambda: None)
    first = jobs.submit(seeded(1000), "nobody")
    until(lambda: store.read(first).status == "running")
    return jobs


# -- restarts ----------------------------------------------------------------------------------------


def test_what_waited_goes_on_after_a_restart_in_its_order_on_one_server(jobs: Jobs, recorder: Recorder) -> None:
    a1, a2, b1 = jobs.submit(seeded(1), "a"), jobs.submit(seeded(2), "a"), jobs.submit(seeded(3), "b")
    teacher = jobs.make_teacher("Mine", CONFIG, "c")
    jobs.submit(seeded(2), "d")  # it waits for a's second
    jobs.move_up(b1)
    expected = order_of(jobs)
    assert expected == [b1, a1, teacher, a2]
    [running] = [each.id for each in jobs.store.runs() if each.status == "running"]
    untouched = Jobs(Store(jobs.store.home), recorder, load=lambda: None)  # a second server, while the first lives
    assert order_of(untouched) == []
    jobs.pause()
    died(jobs, running, a1, a2, b1, teacher)
    again = Jobs(Store(jobs.store.home), recorder, load=lambda: None)
    other = Jobs(Store(jobs.store.home), recorder, load=lambda: None)
    assert order_of(again) == expected
    assert order_of(other) == []
    assert again.store.read(running).status == "interrupted"  # it had begun: it is offered for resuming
    assert again.state == "paused"
    assert again.owners(a2) == ["a", "d"]
    waits = again.overview().waiting[2].work
    assert isinstance(waits, OwnTeacher)
    again.cancel(teacher)
    again.go_on()
    recorder.go.release(99)
    until(lambda: all(again.store.read(run).status == "finished" for run in (a1, a2, b1)))
    until(lambda: not again.busy())
    with again.store._table.database.to_read() as connection:
        assert connection.execute(QUEUE.select()).all() == []
    assert Store(jobs.store.home).queue.state() is None


def test_a_run_that_was_cut_off_before_its_first_step_does_not_begin_by_itself(jobs: Jobs, recorder: Recorder) -> None:
    """A run that ends its process each time would do so for ever."""
    [running] = [each.id for each in jobs.store.runs()]
    jobs.store.update(running, "queued")
    died(jobs, running)
    again = Jobs(Store(jobs.store.home), recorder, load=lambda: None)
    assert not again.busy()
    assert again.store.read(running).status == "interrupted"


# -- equal runs --------------------------------------------------------------------------------------


def test_equal_runs_are_one_and_it_goes_on_until_nobody_waits_for_it(jobs: Jobs, recorder: Recorder) -> None:
    store = jobs.store
    run = jobs.submit(seeded(1), "a")
    behind = jobs.submit(seeded(2), "a")
    assert [jobs.submit(seeded(1), owner) for owner in ("b", "a", "c")] == [run, run, run]
    assert jobs.owners(run) == ["a", "b", "c"]
    jobs.stop(run)  # a's act: it waits on for the others, and a's next has its place
    assert (store.read(run).status, store.read(run).owner, jobs.owners(run)) == ("queued", "b", ["b", "c"])
    assert order_of(jobs) == [behind, run]
    jobs.leave(run, "c")
    jobs.leave(run, "c")
    assert jobs.owners(run) == ["b"]
    recorder.go.release(6)
    until(lambda: store.read(run).status == "running")
    assert jobs.submit(seeded(1), "a") == run  # also while it runs
    jobs.stop(run)
    assert (store.read(run).owner, jobs.stopping(run)) == ("a", False)
    assert Store(store.home).read(run).owner == "a"
    jobs.stop(run)
    assert jobs.stopping(run)
    fresh = jobs.submit(seeded(1), "b")  # not one that stops
    assert fresh != run
    recorder.go.release(9)
    until(lambda: store.read(fresh).status == "finished")
    assert store.read(run).status == "stopped"
    assert jobs.submit(seeded(1), "b") != fresh  # once more, because somebody asks for it


def test_a_student_takes_the_assistant_that_waits_for_somebody_else(jobs: Jobs, recorder: Recorder) -> None:
    assistant = replace(seeded(1), steps=(KeepLayers(count=4),))
    student = replace(seeded(2), steps=(KeepLayers(count=2),), assistant=assistant)
    last, shared = jobs.submit(seeded(5), "a"), jobs.submit(assistant, "a")
    own = jobs.submit(student, "b")
    assert order_of(jobs) == [last, shared, own]
    jobs.cancel(last)
    jobs.stop(shared)
    assert order_of(jobs) == [shared, own]
    assert jobs.store.read(shared).owner == "b"


# -- a host ------------------------------------------------------------------------------------------


def test_a_paused_queue_takes_jobs_and_a_drained_one_does_not(jobs: Jobs, recorder: Recorder) -> None:
    store = jobs.store
    jobs.pause()
    waits = jobs.submit(seeded(1), "a")
    recorder.go.release(3)
    until(lambda: not jobs.overview().running)
    jobs.drain()
    assert (jobs.state, store.read(waits).status) == ("drained", "queued")
    for act in (lambda: jobs.submit(seeded(2)), lambda: jobs.make_teacher("Mine", CONFIG), lambda: jobs.resume(waits)):
        with pytest.raises(SpecError, match="closed the queue"):
            act()
    assert "closed" in str(jobs.refusal([seeded(2)]))
    recorder.go.release(3)
    jobs.go_on()
    until(lambda: store.read(waits).status == "finished")
    assert Jobs(Store(store.home), recorder, load=lambda: None).state == "open"


def test_the_overview_has_owners_places_and_expected_starts(jobs: Jobs, recorder: Recorder) -> None:
    runs = [jobs.submit(seeded(n), owner) for n, owner in enumerate(("a", "a", "b"), 1)]
    until(lambda: jobs.loaded)
    now = jobs.overview()
    [running] = now.running
    assert (running.owners, running.progress) == (("nobody",), 0.0)
    assert [(job.id, job.place, job.owners) for job in now.waiting] == [
        (runs[0], 1, ("a",)), (runs[2], 2, ("b",)), (runs[1], 3, ("a",))
    ]  # fmt: skip
    first, second, third = (job.begins_in for job in now.waiting)
    assert first is not None
    assert second is not None
    assert third is not None
    own = now.waiting[0].seconds
    assert own is not None
    assert second - first == pytest.approx(own)
    recorder.go.release()
    until(lambda: [job.progress for job in jobs.overview().running] == [pytest.approx(1 / 3)])
    jobs.pause()
    assert [job.begins_in for job in jobs.overview().waiting] == [None, None, None]


# -- limits ------------------------------------------------------------------------------------------


def test_limits_hold_when_a_job_is_queued(store: Store, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_MAX_WAITING", "2")
    monkeypatch.setenv("LAB_MAX_WAITING_IN_ALL", "4")
    monkeypatch.setenv("LAB_MAX_STEPS", "4000")
    jobs = Jobs(store, recorder, load=lambda: None, limits=limits(shared=True))
    jobs.pause()
    runs = [jobs.submit(seeded(n), "a") for n in range(2)]
    with pytest.raises(SpecError, match="you have 2 jobs waiting and ask for 1 more, but one person may have 2"):
        jobs.submit(seeded(2), "a")
    long = Spec.from_dict({"distil": {"steps": 4001}})
    stopped = store.create(long)
    store.update(stopped, "stopped")
    for act in (
        lambda: jobs.submit(long, "b"),
        lambda: jobs.submit(replace(seeded(2), steps=(KeepLayers(count=2),), assistant=long), "b"),
        lambda: jobs.resume(stopped),
    ):
        with pytest.raises(SpecError, match="has 4,001 steps, but this server allows 4,000; give fewer steps"):
            act()
    big = FineTuning(task="reviews", epochs=30, batch_size=1)
    assert "4,000" in str(jobs.refusal([big], "b"))
    with pytest.raises(SpecError, match="4,000"):
        jobs.make_teacher("Mine", big, "b")
    for n in (3, 4):
        jobs.submit(seeded(n), "b")
    with pytest.raises(SpecError, match="4 jobs wait on this server"):
        jobs.submit(seeded(5), "c")
    assert jobs.submit(seeded(0), "a") == runs[0]  # it waits already, so it is no new one
    assert len(order_of(jobs)) == 4
    assert jobs.teachers.all() == []
