"""The exercise with a teacher of one's own, on the machine that has it and on one that has not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

from labcore.__main__ import main
from labcore.config.spec import DistilConfig, SpecError
from labcore.config.steps import KeepLayers
from labcore.exercise.attempt import Attempt, Slot, new_id
from labcore.exercise.attempt_results import results_of
from labcore.exercise.counting_line import attempt_code, read_code, read_line, shapes_in
from labcore.exercise.counting_proof import counting_line
from labcore.exercise.model_shapes import shapes_of, stand_in
from labcore.exercise.own_counts import right_totals, with_line
from labcore.exercise.rules import config_problem
from labcore.exercise.signature import mark_of
from labcore.exercise.student_comparisons import compare_students
from labcore.exercise.submission import submit
from labcore.exercise.submission_checks import DERIVED, check_file
from labcore.exercise.teacher_here import teacher_problem
from labcore.runs.store import Store
from tests.shared.attempts import EARLY, LATE
from tests.shared.own_task import own_task
from tests.shared.runs import run_of
from tests.shared.submissions import REASON

STUDENTS = tuple((KeepLayers(count=count),) for count in (1, 2, 3))


def count_parameters(model: nn.Module) -> dict[str, int]:
    every = list(model.parameters())
    return {
        "total": sum(p.numel() for p in every),
        "trainable": sum(p.numel() for p in every if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in every),
    }


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    own = own_task(tmp_path / "tiny", ("a", "b", "c"), title="Class")
    slots = tuple(map(Slot, STUDENTS))
    return Attempt(new_id(), "Ada", own.teacher.name, slots, DistilConfig(steps=3, batch_size=8))


def elsewhere(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Go to another machine."""
    monkeypatch.setenv("LAB_HOME", str(home))


def test_its_task_is_that_of_the_teacher(attempt: Attempt) -> None:
    assert attempt.can_run
    assert attempt.task.startswith("data:")
    assert {spec.task for spec in attempt.specs} == {attempt.task}
    assert teacher_problem(attempt) == config_problem(attempt) == ""
    assert Attempt.from_dict(attempt.to_dict()) == attempt


@pytest.mark.parametrize("name", ["own:", "own:../../etc", "own:A B", "/tmp/folder", "own:" + "x" * 61])
def test_a_name_that_could_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(SpecError):
        Attempt(new_id(), teacher=name)


def test_the_same_line_is_counted_with_and_without_the_teacher(
    attempt: Attempt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = attempt_code(attempt, mark_of(attempt.id), shapes_of(attempt))
    assert read_code(code).slots == attempt.slots
    here = counting_line(count_parameters, code)
    right = right_totals(compare_students(attempt))
    assert read_line(here).totals == right
    elsewhere(monkeypatch, tmp_path / "laptop")
    assert teacher_problem(attempt)
    assert counting_line(count_parameters, code) == here
    with pytest.raises(SpecError, match="this lab has no teacher"):
        counting_line(count_parameters, attempt_code(attempt, mark_of(attempt.id)))


def test_a_built_in_teacher_needs_no_shapes() -> None:
    built_in = Attempt(new_id(), slots=tuple(map(Slot, STUDENTS)))
    assert shapes_of(built_in) is None
    assert shapes_in(attempt_code(built_in, mark_of(built_in.id))) is None


def test_a_stand_in_has_the_shapes() -> None:
    shapes = sorted(tuple(p.shape) for p in stand_in(((2, 3, 4), (1, 5))).parameters())
    assert shapes == [(3, 4), (3, 4), (5,)]


@pytest.mark.parametrize(
    "shapes",
    [
        "x", [], [[[1, 2]]] * 3, [[[1, 2]]] * 3 + [[]], [[[1, 2]]] * 3 + [[[1, 0]]], [[[1, 2]]] * 3 + [[[1, -1]]],
        [[[1, 2]]] * 3 + [[[True, 2]]], [[[1, 2]]] * 3 + [[[1, 10**9]]], [[[1, 2]]] * 3 + [[[30_000, 30_000]]],
    ],
)  # fmt: skip
def test_shapes_that_are_none_are_refused(attempt: Attempt, shapes: object) -> None:
    code = attempt_code(attempt, mark_of(attempt.id), shapes)  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="has shapes"):
        shapes_in(code)


def test_a_submission_is_graded_where_the_teacher_is_and_says_what_is_missing_elsewhere(
    attempt: Attempt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = attempt_code(attempt, mark_of(attempt.id), shapes_of(attempt))
    ready = with_line(attempt, read_line(counting_line(count_parameters, code)))
    ready = replace(ready.with_prediction(1, EARLY).begin(LATE), choice=1, reason=REASON)
    for spec in ready.specs:
        run_of(spec)
    results = results_of(ready, Store().runs())
    assert results is not None
    file = tmp_path / "class" / "ada.json"
    file.parent.mkdir()
    file.write_text(submit(ready, results).to_json())

    assert main(["grade", str(file)]) == 0
    graded = capsys.readouterr().out
    assert "not recomputed" not in graded
    assert "accuracy: A " in graded

    elsewhere(monkeypatch, tmp_path / "laptop")
    grade = check_file(file, "ada.json")
    outcomes = {check.name: check for check in grade.checks}
    assert {outcomes[name].outcome for name in DERIVED} == {"not recomputed"}
    assert "this lab has no teacher" in outcomes["students"].why
    assert "copy its teachers and data" in outcomes["students"].why
    assert outcomes["name"].outcome == outcomes["reason"].outcome == "passed"
    assert main(["grade", str(file)]) == 0  # nothing failed: the machine lacks something, not the student
    printed = capsys.readouterr().out
    assert "in all: not recomputed" in printed
    assert main(["grade", str(file.parent)]) == 0
    assert "this lab has no teacher" in capsys.readouterr().out
    assert json.loads(file.read_text())["attempt"]["teacher"] == attempt.teacher
