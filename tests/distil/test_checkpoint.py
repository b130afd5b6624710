"""A training that is interrupted and resumed yields the same events, and ends with the same bits."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from torch import nn
from transformers import BertForSequenceClassification

from labcore.config.checks import SpecError
from labcore.distil.checkpoint import (
    Checkpoints,
    State,
    load_checkpoint,
    restore,
    save_checkpoint,
)
from labcore.distil.checkpoint_header import about_checkpoint
from labcore.results.events import Similarity, TrainStep, Validation
from tests.shared.full import first
from tests.shared.interrupted import CASES, Outcome, Seen, interrupted, student_of, training, undisturbed
from tests.shared.tiny import tiny_bert


@functools.cache
def expected(name: str) -> Outcome:
    return undisturbed(CASES[name], tiny_bert())


def validations(name: str) -> list[Validation]:
    return [event for event in expected(name).events if isinstance(event, Validation)]


def check(name: str, *interruptions: int, further: int = 0) -> None:
    with tempfile.TemporaryDirectory() as folder:
        resumed = interrupted(CASES[name], tiny_bert(), Path(folder) / "file", *interruptions, further=further)
    assert resumed == expected(name)


@pytest.mark.parametrize("name", CASES)
def test_a_training_resumed_in_its_middle_is_the_undisturbed_one(name: str) -> None:
    check(name, len(expected(name).events) // 2, further=2)


@pytest.mark.parametrize("name", first(2, ["narrow, with projections", "gradual pruning", *CASES]))
def test_a_training_resumed_at_any_event_is_the_undisturbed_one(name: str) -> None:
    for event in range(1, len(expected(name).events) + 1):
        check(name, event)


@given(some.data())
@settings(max_examples=10)
def test_a_training_interrupted_several_times_is_the_undisturbed_one(data: some.DataObject) -> None:
    name = data.draw(some.sampled_from(sorted(CASES)))
    events = len(expected(name).events)
    interruptions = data.draw(some.lists(some.integers(1, events), min_size=1, max_size=3, unique=True))
    check(name, *sorted(interruptions), further=data.draw(some.integers(0, 4)))


@pytest.mark.full
@given(some.data())
@settings(max_examples=100)
def test_a_hundred_interruptions(data: some.DataObject) -> None:
    name = data.draw(some.sampled_from(sorted(CASES)))
    events = len(expected(name).events)
    interruptions = data.draw(some.lists(some.integers(1, events), min_size=1, max_size=5, unique=True))
    check(name, *sorted(interruptions), further=data.draw(some.integers(0, 9)))


def test_the_cases_hold_what_an_interruption_can_break() -> None:
    """Each case interrupts another thing, and a resumed training that lost it would differ."""
    kinds = {type(event).__name__ for name in CASES for event in expected(name).events}
    assert kinds == {"TrainStep", "Validation", "GradientNorms", "Similarity", "ConditionAccuracy"}
    ends = [str(expected(name).last) for name in CASES]
    assert len(set(ends)) == len(CASES) - 1  # evaluating a cue changes no weight
    assert sum(expected(name).weights == expected(name).last for name in CASES) < len(CASES)
    assert sum(any(e.best and e.step for e in validations(name)) for name in CASES) >= 4
    last = [event for event in expected("patience").events if isinstance(event, TrainStep)][-1]
    assert last.step < last.steps
    assert expected("gradual pruning").complete
    assert not validations("gradual pruning")[0].best


@pytest.mark.parametrize(
    ("lost", "name"),
    [
        *((lost, "low rank") for lost in ("student", "optimiser", "data order", "position", "best", "generators")),
        ("projections", "narrow, with projections"),
        ("student", "gradual pruning"),
    ],
)
def test_a_state_that_is_lost_or_too_old_is_noticed(tmp_path: Path, lost: str, name: str) -> None:
    """So the comparisons above would fail without it."""
    case, teacher = CASES[name], tiny_bert()
    checkpoints, counts = Checkpoints(), {}
    events = training(case, teacher, student_of(case, teacher), None, checkpoints)
    for count, event in enumerate(events, 1):
        if isinstance(event, TrainStep) and event.step in (1, 6):
            save_checkpoint(checkpoints.take() or {}, tmp_path / f"{event.step}")
            counts[event.step] = count
    early, late = (load_checkpoint(tmp_path / step)[0] for step in ("1", "6"))
    less = {owner: state for owner, state in late.items() if owner != lost}
    with pytest.raises(SpecError, match="another version"):
        list(training(case, teacher, student_of(case, teacher), less))
    student, seen = student_of(case, teacher), Seen()
    seen.follow(training(case, teacher, student, {**late, lost: early[lost]}), student)
    resumed = seen.outcome(student)
    assert (resumed.events, resumed.weights) != (expected(name).events[counts[6] :], expected(name).weights)


def test_a_checkpoint_is_taken_only_at_an_event() -> None:
    case, teacher = CASES["plain"], tiny_bert()
    checkpoints = Checkpoints()
    assert checkpoints.take() is None
    events = training(case, teacher, student_of(case, teacher), None, checkpoints)
    assert checkpoints.take() is None
    assert isinstance(next(events), Similarity)
    assert checkpoints.take() is not None
    events.close()  # type: ignore[attr-defined]
    assert checkpoints.take() is None


def test_an_error_within_a_step_leaves_nothing_to_take() -> None:
    case, teacher = CASES["plain"], tiny_bert()
    student, checkpoints = student_of(case, teacher), Checkpoints()
    events = training(case, teacher, student, None, checkpoints)
    next(events)
    with torch.no_grad():
        student.model.classifier.weight.fill_(float("nan"))
    with pytest.raises(FloatingPointError):
        list(events)
    assert checkpoints.take() is None


def test_time_goes_on_from_where_it_was(tmp_path: Path) -> None:
    case, teacher = CASES["plain"], tiny_bert()
    checkpoints = Checkpoints()
    events = training(case, teacher, student_of(case, teacher), None, checkpoints)
    before = next(event for event in events if isinstance(event, TrainStep) and event.step == 5)
    save_checkpoint(checkpoints.take() or {}, tmp_path / "file")
    resume, _ = load_checkpoint(tmp_path / "file")
    after = next(event for event in training(case, teacher, student_of(case, teacher), resume)
                 if isinstance(event, TrainStep))  # fmt: skip
    assert after.step == 6
    assert after.examples > before.examples
    assert after.seconds > before.seconds
    assert after.elapsed > before.elapsed


# -- the file ----------------------------------------------------------------------------------------


def shared() -> dict[str, State]:
    """States with all that a file must take: two tensors of the same memory, numbers without a shape, no tensor."""
    table = torch.arange(12.0).view(3, 4)
    return {
        "first": State({"a": table, "b": table, "c": table.T, "d": table[1:]}, {"x": [1, None, 0.1, 1e-300]}),
        "second": State({"scalar": torch.tensor(3.5), "flags": torch.tensor([True, False]), "none": torch.zeros(0)}),
        "third": State({}, {"nan": float("nan"), "name": "é"}),
    }


def test_a_file_holds_every_bit(tmp_path: Path) -> None:
    states = shared()
    save_checkpoint(states, tmp_path / "file", {"events": 3})
    loaded, about = load_checkpoint(tmp_path / "file")
    assert about == about_checkpoint(tmp_path / "file") == {"events": 3}
    assert set(loaded) == set(states)
    for name, state in states.items():
        assert json.dumps(loaded[name].values) == json.dumps(state.values)
        assert set(loaded[name].tensors) == set(state.tensors)
        assert all(torch.equal(loaded[name].tensors[key], state.tensors[key]) for key in state.tensors)
        assert all(loaded[name].tensors[key].dtype == state.tensors[key].dtype for key in state.tensors)


def test_a_file_is_replaced_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    save_checkpoint(shared(), file, {"events": 1})
    before = file.read_bytes()

    def full(tensors: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"a part")
        raise OSError("the disk is full")

    monkeypatch.setattr("labcore.distil.checkpoint.save_file", full)
    with pytest.raises(OSError, match="full"):
        save_checkpoint(shared(), file, {"events": 2})
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other", "pickle"])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "file"
    save_checkpoint(shared(), file, {"events": 1})
    content = file.read_bytes()
    match damage:
        case "missing":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "other":
            from safetensors.torch import save_file

            save_file({"a": torch.zeros(2)}, file)
        case _:
            torch.save({"a": torch.zeros(2)}, file)
    with pytest.raises(SpecError, match="can't be read"):
        load_checkpoint(file)
    assert about_checkpoint(file) is None


def test_states_of_other_names_are_refused() -> None:
    class Nothing:
        def state(self) -> State:
            return State()

        def restore(self, state: State) -> None:
            raise AssertionError("nothing may be restored")

    with pytest.raises(SpecError, match="another version"):
        restore({"a": State()}, {"a": Nothing(), "b": Nothing()})


def test_the_teacher_is_left_alone(tmp_path: Path) -> None:
    teacher: BertForSequenceClassification = tiny_bert()
    before = {name: tensor.clone() for name, tensor in teacher.state_dict().items()}
    interrupted(CASES["all tokens"], teacher, tmp_path / "file", 5)
    assert isinstance(teacher, nn.Module)
    assert all(torch.equal(tensor, before[name]) for name, tensor in teacher.state_dict().items())
