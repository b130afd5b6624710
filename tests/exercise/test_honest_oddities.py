"""Honest submissions with something odd about them pass every check."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labcore.exercise.own_counts import with_line
from labcore.exercise.signature import KEY_FILE
from labcore.exercise.signature_check import verifier_for
from labcore.exercise.submission_checks import check_file
from tests.shared.attempts import right_line
from tests.shared.submissions import (
    Class,
    checked,
    outcome_of,
)

Data = dict[str, Any]
Cheat = Callable[[Class], Data]


def reopened(room: Class) -> Data:
    room.submitted(room.attempt)
    return room.submitted(room.attempt)  # saved again on another day


def changed_before_the_runs(room: Class) -> Data:
    """Two students are exchanged before anything is predicted, and counted again."""
    blank = replace(room.another("Zoë"), prediction=None, predicted=None, begun=None, choice=None)
    steps = [slot.steps or () for slot in blank.slots]
    blank = blank.with_student(0, steps[1]).with_student(1, steps[0])
    blank = with_line(blank, right_line(blank)).with_prediction(2, "2026-01-04T10:00:00+00:00")
    return room.submitted(replace(blank.begin("2026-01-04T10:01:00+00:00"), choice=1))


def other_rounding(room: Class) -> Data:
    data = copy.deepcopy(room.honest)
    for student, by in zip(data["figures"]["students"], (0.01, -0.01, 0.01), strict=True):
        student["accuracy"] += by
    return room.signed_again(data)  # the class's server trained with another processor


def saved_by_another_program(room: Class) -> Data:
    """Keys in another order, and 1.0 written as 1."""
    text = json.dumps(room.honest, sort_keys=True, ensure_ascii=False).replace(".0,", ",").replace(".0}", "}")
    data: Data = json.loads(text)
    assert json.dumps(data) != json.dumps(room.honest)
    return data


ODD: dict[str, Cheat] = {
    "reopened on another day": reopened,
    "re-downloaded": lambda room: room.honest | {"date": "2026-02-01T00:00:00+00:00"},
    "made on a machine with another name": lambda room: room.honest | {"machine": "Çiğdem's laptop"},
    "students exchanged before the runs": changed_before_the_runs,
    "the rounding of another machine": other_rounding,
    "a name that is not ASCII": lambda room: room.submitted(room.another("Łukasz 李 Ångström")),
    "a name in combining characters": lambda room: room.submitted(room.another("Zoe\u0308")),
    "saved again by another program": saved_by_another_program,
    "a prediction and runs in the same second": lambda room: room.submitted(
        room.another("Quick", predicted="2026-01-03T10:05:00+00:00")
    ),
    "a prediction that was wrong": lambda room: room.submitted(room.another("Bob", prediction=1)),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_honest_oddities_pass(odd: Cheat, room: Class, tmp_path: Path) -> None:
    grade = room.graded(tmp_path, odd(room))
    assert grade.outcome == "passed", [check for check in grade.checks if check.outcome != "passed"]


def test_two_tabs_of_one_attempt_end_in_one_signed_state(room: Class, tmp_path: Path) -> None:
    attempt = room.another("Tab")
    room.submitted(replace(attempt, reason="from the first tab"))
    grade = checked(room, room.submitted(attempt), tmp_path)
    assert outcome_of(grade, "signature")[0] == "passed"


def test_students_of_equal_accuracy_pass(room: Class, tmp_path: Path) -> None:
    assert room.honest["figures"]["students"][1]["accuracy"] == room.honest["figures"]["students"][2]["accuracy"]
    assert room.graded(tmp_path, room.honest).outcome == "passed"


def test_a_renamed_file_and_a_restored_home_pass(room: Class, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    shutil.copy(room.server.home / KEY_FILE, tmp_path / "home")
    file = tmp_path / "submission (1) – final.json"
    file.write_text(json.dumps(room.honest))
    grade = check_file(file, file.name, verifier_for(tmp_path / "home", None))
    assert {check.outcome for check in grade.checks} == {"passed"}
