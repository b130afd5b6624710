"""The queue on pages: a place with its expected start, *Cancel*, shared runs, and reasons at disabled buttons."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from labcore.runs.jobs import Jobs
from labcore.runs.queue_overview import PAUSED
from labcore.runs.server_limits import limits
from labcore.runs.store import Store
from labcore.views.queue_words import ordinal
from tests.shared.pages import app
from tests.shared.runs import Recorder, seeded, until
from ui.shell import queue_notes, server

SPEC = PRESETS[1].spec


def words_of(test: AppTest) -> str:
    assert not test.exception
    return "\n".join(each.value for each in (*test.info, *test.caption, *test.error, *test.warning, *test.markdown))


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The pages' queue, with a recorder, a run that goes on, and an owner of the browser."""
    recorder = Recorder()
    queue = Jobs(Store(), recorder, load=lambda: None, limits=limits(shared=True))
    monkeypatch.setattr(server, "jobs", lambda: queue)
    monkeypatch.setattr(queue_notes, "owner", lambda: "me")
    first = queue.submit(seeded(1), "somebody")
    until(lambda: queue.store.read(first).status == "running")
    return queue


def test_a_waiting_run_has_its_place_and_can_be_cancelled(jobs: Jobs) -> None:
    jobs.submit(seeded(2), "other")
    run = jobs.submit(SPEC, "me")
    test = app("distil", run=run)
    assert "2nd of 2 in the queue; begins in about " in words_of(test)
    jobs.pause()
    assert "2nd of 2 in the queue. The host has paused the queue, so it begins when" in words_of(test.run())
    assert PAUSED in words_of(app("distil", PRESETS[2].spec)).replace("\\", "")
    jobs.go_on()
    assert test.button(key="stop").label == "Cancel"
    test.button(key="stop").click().run()
    assert jobs.store.read(run).status == "stopped"
    assert "was stopped" in words_of(test)


def test_a_run_of_somebody_else_can_be_waited_for_and_left(jobs: Jobs) -> None:
    run = jobs.submit(SPEC, "other")
    jobs.submit(SPEC, "me")
    test = app("distil", run=run)
    assert "1 other person waits for the same run" in words_of(test)
    test.button(key="leave").click().run()
    assert (jobs.owners(run), jobs.store.read(run).status) == (["other"], "queued")


def test_a_button_that_is_disabled_has_its_reason_beside_it(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    test = app("distil", SPEC)
    assert not test.button(key="distil").disabled
    jobs.drain()
    test.run()
    assert test.button(key="distil").disabled
    assert "no new job is accepted" in words_of(test)
    jobs.go_on()
    monkeypatch.setenv("LAB_MAX_STEPS", "3")
    jobs._admission.limits = limits(shared=True)
    test.run()
    assert test.button(key="distil").disabled
    assert "but this server allows 3; give fewer steps" in words_of(test)


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 1003)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th", "1,003rd"]
    )
