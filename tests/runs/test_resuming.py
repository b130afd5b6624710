"""A run that was cut off or stopped goes on from its checkpoint, and ends as the undisturbed run does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers, Prune
from labcore.results.events import Event, Finished, Resumed, TrainStep
from labcore.runs.execute import execute_and_store
from labcore.runs.resuming import checkpoint_step, reopened
from labcore.runs.run_checkpoint import checkpoint_of, origin_of, training_of
from labcore.runs.store import Store
from tests.shared.resumed import cut_off_at, outcome, resume, stopped_at
from tests.shared.runs import FINISHED, PAIR, seeded, student_folder


@pytest.mark.parametrize("gradual", [False, True])
def test_a_run_that_is_cut_off_at_any_moment_ends_as_the_undisturbed_one(
    gradual: bool, trained: Spec, store: Store, tmp_path: Path, often: None
) -> None:
    if gradual:
        trained = replace(
            trained, steps=(KeepLayers(count=2), Prune(0.5)), distil=replace(trained.distil, gradual=True)
        )
    run = store.create(trained)
    copies: list[Store] = []
    for count, event in enumerate(execute_and_store(trained, run, store)):
        if count % 4 == 1 and not isinstance(event, Finished):
            copies.append(cut_off_at(run, store, tmp_path / f"home {count}"))
    assert len(copies) > 4
    resumed_at = set()
    for other in copies:
        assert other.read(run).status == "interrupted"
        resumed_at.add(step := checkpoint_step(other.read(run), other))
        [first, *_] = resume(run, other)
        assert first == Resumed(step or 0, 1, first.machine)  # type: ignore[union-attr]
        assert outcome(run, other) == outcome(run, store)
        assert other.checkpoint(run) is None
    assert {None} < resumed_at
    assert len(resumed_at) > 2


def test_a_stopped_run_keeps_a_checkpoint_of_its_last_step(trained: Spec, store: Store) -> None:
    undisturbed = store.create(trained)
    list(execute_and_store(trained, undisturbed, store))
    run = store.create(trained)
    for stop_at in (3, 5, 8):  # stopped and resumed several times
        events = execute_and_store(trained, run, store) if stop_at == 3 else _again(run, store)
        for event in events:
            if isinstance(event, TrainStep) and event.step == stop_at:
                events.close()  # type: ignore[attr-defined]
        assert store.read(run).status == "stopped"
        assert checkpoint_step(store.read(run), store) == stop_at
    resume(run, store)
    steps = [event.step for event in store.events(run) if isinstance(event, TrainStep)]
    assert steps == list(range(1, len(steps) + 1))
    assert [event.step for event in store.events(run) if isinstance(event, Resumed)] == [3, 5, 8]
    assert outcome(run, store) == outcome(undisturbed, store)


def _again(run: str, store: Store) -> Iterator[Event]:
    [(each, spec)] = reopened(run, store)
    return execute_and_store(spec, each, store)


def test_time_of_a_resumed_run_is_the_sum(trained: Spec, store: Store) -> None:
    run = stopped_at(5, trained, store)
    path = store.checkpoint(run)
    assert path is not None
    checkpoint = checkpoint_of(run, store, origin_of(trained, store))
    assert checkpoint is not None
    replace(checkpoint, seconds=1000.0).save(training_of(run, store), path)
    result = resume(run, store)[-1]
    assert isinstance(result, Finished)
    assert 1000 < result.seconds < 1200


# -- what can't resume -------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", ["teacher", "data", "device", "code", "assistant"])
def test_a_run_whose_origin_changed_is_refused_with_what_changed(
    changed: str, trained: Spec, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped_at(4, trained, store)
    words = changed
    match changed:
        case "teacher":
            config = Path(trained.teacher) / "config.json"
            config.write_text(config.read_text().replace("{", '{"note": 1,', 1))
        case "data":
            monkeypatch.setattr("labcore.runs.run_checkpoint._data_version", lambda spec: "another")
        case "device":
            monkeypatch.setattr("labcore.system.processor.kind_of", lambda on: "an abacus")
            words = "an abacus"
        case "code":
            monkeypatch.setattr("labcore.runs.run_checkpoint.code_version", lambda *names: "another")
            words = "another version of the lab"
        case _:
            monkeypatch.setattr("labcore.runs.run_checkpoint._assistant_version", lambda spec, store: "another")
    before = [path.read_bytes() for path in sorted(student_folder(store, run).parent.glob("*.*"))]
    with pytest.raises(SpecError, match=words):
        reopened(run, store)
    assert store.read(run).status == "stopped"
    assert [path.read_bytes() for path in sorted(student_folder(store, run).parent.glob("*.*"))] == before
    with pytest.raises(SpecError, match=words):  # also if it changes while the run waits in the queue
        list(execute_and_store(trained, store.reopen(run).id, store))
    assert store.read(run).status == "failed"
    assert words in str(store.read(run).error)
    assert store.checkpoint(run) is not None


def test_a_damaged_checkpoint_is_refused(trained: Spec, store: Store) -> None:
    run = stopped_at(4, trained, store)
    path = store.checkpoint(run)
    assert path is not None
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(SpecError, match="damaged"):
        reopened(run, store)
    assert checkpoint_step(store.read(run), store) is None


def test_only_a_run_that_ended_early_can_resume(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    active = store.create(seeded(1))
    with pytest.raises(SpecError, match="queued or running"):
        reopened(active, store)
    other = Store(store.home)  # as another process sees it
    with pytest.raises(SpecError, match="queued or running"):
        other.reopen(active)
    store.finish(active, FINISHED, PAIR)
    with pytest.raises(SpecError, match="has finished"):
        reopened(active, store)
    assert main(["resume", "nothing", "--home", str(store.home)]) == 2
    assert "there is no run 'nothing'" in capsys.readouterr().err


def test_a_run_resumes_with_its_assistant_first(trained: Spec, store: Store) -> None:
    student = replace(trained, steps=(KeepLayers(count=1),), assistant=trained)
    assistant = stopped_at(4, trained, store)
    run = store.create(student)
    store.update(run, "stopped")
    assert [each for each, _ in reopened(run, store)] == [assistant, run]
    for each, spec in ((assistant, trained), (run, student)):
        list(execute_and_store(spec, each, store))
    assert store.read(run).status == "finished"


def test_the_command_goes_on_with_a_run(trained: Spec, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    run = stopped_at(4, trained, store)
    assert main(["resume", run, "--home", str(store.home)]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (events[0]["event"], events[0]["step"], events[-1]["event"]) == ("resumed", 4, "finished")
    assert next(event["step"] for event in events if event["event"] == "step") == 5
