"""The page Host: only after the password; what it does with the queue, the people and submissions."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.assignment_link import assignment_link
from labcore.config.presets import PRESETS
from labcore.owners.host_password import VARIABLE
from labcore.owners.owner import new_owner
from labcore.owners.profile import Profile
from labcore.runs.jobs import Jobs
from labcore.runs.server_limits import limits
from labcore.runs.store import Store
from tests.shared.assignments import assignment
from tests.shared.pages import all_words, app
from tests.shared.runs import Recorder, finished, seeded, until
from ui.host.login import PASSWORD
from ui.shell import server

ADA, BOB = new_owner(), new_owner()


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The queue of a server with a host: a run of Ada's trains, one of hers and one of Bob's wait."""
    monkeypatch.setenv(VARIABLE, "correct horse")
    queue = Jobs(Store(), Recorder(), load=lambda: None, limits=limits(shared=True))
    monkeypatch.setattr(server, "jobs", lambda: queue)
    queue.store.owners.set(ADA, Profile("Ada", "named"))
    first = queue.submit(seeded(1), ADA)
    until(lambda: queue.store.read(first).status == "running")
    queue.submit(seeded(2), ADA)
    queue.submit(PRESETS[1].spec, BOB)
    return queue


def entered(password: str = "correct horse") -> AppTest:
    test = app("host")
    test.text_input(key=PASSWORD).input(password)
    return test.button[0].click().run()


def waiting(jobs: Jobs) -> list[str]:
    return [job.id for job in jobs.overview().waiting]


def test_without_the_password_nothing_is_shown(jobs: Jobs) -> None:
    test = entered("wrong horse")
    assert "not the host's password; you can try again in 1 s" in all_words(test)
    assert "Ada" not in all_words(test)
    assert not test.dataframe
    assert test.text_input(key=PASSWORD).value == ""


def test_a_server_without_a_host_has_no_such_page(store: Store) -> None:
    with pytest.raises(ValueError, match=r"navigation page for .*host"):
        app("host")


def test_a_cluster_is_named_also_one_that_is_away(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_RAY_ADDRESS", "127.0.0.1:9")
    server.cluster.clear()
    words = all_words(entered()).replace("\\", "")  # as Markdown escapes them
    assert "New runs fail until the cluster is back: the cluster at 127.0.0.1:9 can't be reached" in words
    assert "**Trains now:**" in words


def test_the_queue_is_paused_and_ordered_and_jobs_are_cancelled(jobs: Jobs) -> None:
    test = entered()
    words = all_words(test)
    assert "**Trains now:**" in words
    assert "for Ada" in words
    assert ADA not in words
    second, bobs = waiting(jobs)[::-1]
    assert jobs.store.read(bobs).owner == BOB  # it is his turn first
    test.button(key=f"host-up-{second}").click().run()
    assert waiting(jobs) == [second, bobs]
    test.button(key=f"host-cancel-{bobs}").click().run()
    assert jobs.store.read(bobs).status == "stopped"
    next(button for button in test.button if button.label == "Pause").click().run()
    assert jobs.state == "paused"
    next(button for button in test.button if button.label == "Go on").click().run()
    assert jobs.state == "open"


def test_all_that_somebody_has_is_removed(jobs: Jobs) -> None:
    test = entered()
    test.selectbox(key="host-person").select(BOB).run()
    test.checkbox(key="host-sure").check().run()
    next(button for button in test.button if button.label == "Remove").click().run()
    assert not test.error
    assert jobs.store.ids_of(BOB) == []
    assert len(jobs.store.ids_of(ADA)) == 2
    assert "Bob" not in all_words(test)


def test_the_runs_of_an_assignment_are_a_table(jobs: Jobs) -> None:
    given = assignment(locked=("steps.kinds",), hidden=())
    finished(given.spec, 0.8)
    test = entered()
    test.text_input(key="host-assignment").input("http://127.0.0.1/?spec=1").run()
    assert "it holds no assignment" in all_words(test)
    test.text_input(key="host-assignment").input(assignment_link("http://127.0.0.1/", given)).run()
    assert "1 have a result" in all_words(test)
    assert any("accuracy" in table.value.columns for table in test.dataframe)


def test_the_host_leaves(jobs: Jobs) -> None:
    test = entered()
    next(button for button in test.button if button.label == "Leave").click().run()
    assert "Trains now" not in all_words(test)
