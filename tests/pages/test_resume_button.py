"""*Resume* on the Distil page: offered for a run that ended early and has a checkpoint, with its step."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from labcore.config.spec import Spec, SpecError
from labcore.distil.checkpoint import State, save_checkpoint
from labcore.results.events import Resumed
from labcore.results.run import Status
from labcore.runs.store import Store
from labcore.views.distil.time_left import progress, resumed_in_words
from tests.shared.pages import all_words, app
from tests.shared.runs import EVENTS, STEP
from ui.shell import server


def ended_early(status: Status, *, step: int | None) -> str:
    """A run with some events that ended so, with a checkpoint after this step."""
    store = Store()
    run = store.create(Spec())
    for event in EVENTS[:-1]:
        store.append(run, event)

    def save(path: Path) -> None:
        about = {"step": step, "events": 4, "seconds": 3.0, "origin": {}}
        save_checkpoint({"student": State({"a": torch.zeros(3)})}, path, about)

    if step is not None:
        store.save_checkpoint(run, save)
    store.update(run, status, error="no room" if status == "failed" else None)
    return run


@pytest.mark.parametrize("status", ["stopped", "interrupted", "failed"])
def test_a_run_with_a_checkpoint_can_resume_from_its_step(status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    resumed: list[str] = []
    monkeypatch.setattr(type(server.jobs()), "resume", lambda self, run: resumed.append(run))
    run = ended_early(status, step=1200)
    test = app("distil", run=run)
    assert test.button(key="resume").label == "Resume from step 1,200"
    assert test.button(key="again").label == "Run it again"
    assert "was not saved" not in all_words(test)
    if status != "failed":
        assert "its training up to step 1,200 is kept" in all_words(test)
    test.button(key="resume").click().run()
    assert resumed == [run]
    assert not test.exception
    assert test.session_state["run"] == run


@pytest.mark.parametrize("status", ["stopped", "interrupted"])
def test_a_run_without_a_checkpoint_can_only_run_again(status: Status) -> None:
    test = app("distil", run=ended_early(status, step=None))
    assert "resume" not in [button.key for button in test.button]
    assert "its student was not saved" in all_words(test)
    assert test.button(key="again")


def test_a_refusal_is_a_sentence_and_the_run_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: object, run: str) -> None:
        raise SpecError("this run can't resume from its checkpoint: the teacher's files have changed since")

    monkeypatch.setattr(type(server.jobs()), "resume", refused)
    run = ended_early("stopped", step=3)
    test = app("distil", run=run)
    test.button(key="resume").click().run()
    assert not test.exception
    assert "the teacher's files have changed since" in all_words(test)
    assert Store().read(run).status == "stopped"
    assert test.button(key="resume")


def test_a_checkpoint_that_can_not_be_read_is_not_offered() -> None:
    run = ended_early("stopped", step=3)
    path = Store().checkpoint(run)
    assert path is not None
    path.write_bytes(b"nothing")
    assert "resume" not in [button.key for button in app("distil", run=run).button]


def test_a_resumed_run_states_it() -> None:
    store = Store()
    run = store.create(Spec())
    for event in [*EVENTS[:-1], Resumed(1200, 1, "a machine"), STEP]:
        store.append(run, event)
    store.update(run, "stopped")
    assert "Resumed after step 1,200" in all_words(app("distil", run=run))


def test_the_words_of_a_resumed_run() -> None:
    resumed = Resumed(1, 2, "")
    assert resumed_in_words(EVENTS) == ""
    assert resumed_in_words([Resumed(0, 1, ""), *EVENTS]) == ""  # it began again
    assert resumed_in_words([*EVENTS, resumed, resumed, Resumed(3000, 1, "")]) == ". Resumed after step 1, 3,000"
    now = progress([*EVENTS[:-1], resumed])
    assert now.words == "Resuming after step 1"
    assert now.fraction == progress(EVENTS[:-1]).fraction > 0
    assert progress([Resumed(0, 1, "")]).words == "Loading the teacher"
    assert "step 1 of 2" in progress([*EVENTS[:-1], resumed, STEP]).words
