"""Ways to cheat with a submission, each failed or flagged for a stated reason."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labcore.exercise.attempt import CONFIG_KEY
from labcore.exercise.counting_line import read_line
from labcore.exercise.own_counts import with_line
from labcore.exercise.signature import attempt_fields, mark_of, result_fields, sign
from labcore.exercise.signature_check import Verifier
from tests.shared.attempts import right_line
from tests.shared.submissions import (
    REASON,
    Class,
    checked,
    new_id_and_reason,
    outcome_of,
    put,
    without_signature,
)

Data = dict[str, Any]
Cheat = Callable[[Class], Data]


def edit(path: str, value: object) -> Cheat:
    """An edit of one place in Ada's own file."""
    return lambda room: put(path, value)(copy.deepcopy(room.honest))


def seen_before(room: Class) -> Data:
    """Of somebody who predicts again after a first look: an edit hides that."""
    return put("attempt.again", 0)(room.submitted(room.another("Eve", again=1)))


def looked(room: Class) -> Data:
    return put("attempt.shown", False)(room.submitted(room.another("Eve", shown=True)))


def line_of_ada(room: Class) -> Data:
    """Somebody pastes Ada's line into an attempt of their own."""
    return room.submitted(replace(room.another("Eve"), counting_line=room.attempt.counting_line))


def forged_line(room: Class) -> Data:
    """A line that was made without counting the drawn models: its form is right, its numbers are made up."""
    line = read_line(room.attempt.counting_line)
    made_up = replace(line, drawn=((1000, 900, 990), *line.drawn[1:]))
    return room.submitted(with_line(room.attempt, made_up))


def line_for_other_students(room: Class) -> Data:
    """A line that counts easier students than those of the attempt."""
    other = replace(room.attempt, slots=(replace(room.attempt.slots[0], steps=()), *room.attempt.slots[1:]))
    line = replace(read_line(room.attempt.counting_line), designs=right_line(other).designs)
    return room.submitted(with_line(room.attempt, line))


def signed_elsewhere(room: Class) -> Data:
    """A prediction that another server signed, with a key of its own."""
    data = put("attempt.prediction", 2)(copy.deepcopy(room.honest))
    fields = attempt_fields(data["attempt"]) | result_fields(data["figures"])
    other = sign(data["attempt"]["id"], fields, b"k" * 32)
    return put("attempt.signature", {"server": other.server, "saved": other.saved, "codes": dict(other.codes)})(data)


def claims_the_server(room: Class) -> Data:
    """The same, with the fingerprint of the class's server."""
    return put("attempt.signature.server", room.honest["attempt"]["signature"]["server"])(signed_elsewhere(room))


def mixed_states(room: Class) -> Data:
    """The code of an earlier prediction in the signature of a later state."""
    earlier = room.submitted(replace(room.attempt, prediction=1))
    data = put("attempt.prediction", 1)(room.submitted(room.attempt))
    data["attempt"]["signature"]["codes"]["prediction"] = earlier["attempt"]["signature"]["codes"]["prediction"]
    return data


def swapped(room: Class) -> Data:
    """Two slots change places in all of the file, as if the other student had been predicted."""
    data = copy.deepcopy(room.honest)
    for students in (data["attempt"]["slots"], data["figures"]["students"]):
        students[0], students[1] = students[1], students[0]
    return data


def one_run_twice(room: Class) -> Data:
    data = copy.deepcopy(room.honest)
    data["figures"]["students"][1]["runs"] = data["figures"]["students"][0]["runs"]
    return room.signed_again(data)


CHEATS: dict[str, tuple[Cheat, str, str, str]] = {
    # what is submitted; the check that decides, its outcome, and its words
    "a lie of two points": (
        edit("figures.students.1.accuracy", lambda a: a - 0.02),
        "signature",
        "failed",
        "figures B accuracy",
    ),
    "a lie of twenty points": (edit("figures.students.1.accuracy", 0.99), "accuracy", "failed", "B: 99.0 % claimed"),
    "another agreement": (
        edit("figures.students.0.agreement", lambda a: a - 0.01),
        "signature",
        "failed",
        "A agreement",
    ),
    "another accuracy of the teacher": (
        edit("figures.teacher_accuracy", lambda a: a - 0.02),
        "signature",
        "failed",
        "figures teacher_accuracy",
    ),
    "another prediction": (edit("attempt.prediction", 1), "prediction", "failed", "edited"),
    "another time of the prediction": (
        edit("attempt.predicted", "2026-01-02T09:00:00+00:00"),
        "prediction",
        "failed",
        "predicted",
    ),
    "another time of the runs": (edit("attempt.begun", "2026-01-02T12:00:00+00:00"), "prediction", "failed", "begun"),
    "another acceptable loss": (edit("attempt.within", 0.1), "prediction", "failed", "within"),
    "a second prediction hidden": (seen_before, "prediction", "failed", "again"),
    "a look at the counts hidden": (looked, "signature", "failed", "shown"),
    "another count": (edit("attempt.slots.0.count", 1000), "own counts", "failed", "not those of its counting line"),
    "typed counts": (edit("attempt.counting_line", ""), "signature", "failed", "counting_line"),
    "another choice": (edit("attempt.choice", 2), "signature", "failed", "choice"),
    "another reason": (edit("attempt.reason", REASON.replace("smallest", "least")), "signature", "failed", "reason"),
    "another name": (edit("attempt.name", "Eve"), "signature", "failed", "name"),
    "another's attempt id": (
        edit("attempt.id", mark_of("f" * 16)),
        "signature",
        "failed",
        "no field fits it",
    ),
    "a copy with a new id and other words": (new_id_and_reason, "own counts", "failed", "made for another attempt"),
    "another's counting line": (line_of_ada, "own counts", "failed", "made for another attempt"),
    "a counting line that is made up": (forged_line, "own counts", "failed", "wrong: drawn model 1"),
    "a counting line of other students": (
        line_for_other_students,
        "own counts",
        "failed",
        "counts other students than these",
    ),
    "no signature": (without_signature, "signature", "flagged", "the signature was removed"),
    "the signature of another server": (signed_elsewhere, "signature", "flagged", "another server signed it"),
    "another server's signature under this one's name": (claims_the_server, "signature", "failed", "no field fits it"),
    "two signed states mixed": (mixed_states, "prediction", "failed", "prediction"),
    "another time of the signature": (
        edit("attempt.signature.saved", "2026-01-01T00:00:00.000000+00:00"),
        "signature",
        "failed",
        "no field fits it",
    ),
    "swapped slots": (swapped, "own counts", "failed", "counts other students than these"),
    "other steps": (
        edit("attempt.slots.1.steps", [{"kind": "keep_layers", "count": 2}]),
        "signature",
        "failed",
        "B steps",
    ),
    "another training": (edit(f"attempt.{CONFIG_KEY}.steps", 9), "signature", "failed", CONFIG_KEY),
    "more seeds": (edit("attempt.seeds", 2), "signature", "failed", "seeds"),
    "runs of others": (
        edit("figures.students.0.runs", ["20260101-000000-000000"]),
        "signature",
        "failed",
        "figures A runs",
    ),
    "one run for two students": (one_run_twice, "signature", "failed", "one run for two students"),
}  # fmt: skip


@pytest.mark.parametrize(("cheat", "name", "outcome", "words"), CHEATS.values(), ids=CHEATS.keys())
def test_each_way_to_cheat_is_failed_or_flagged(
    cheat: Cheat, name: str, outcome: str, words: str, room: Class, tmp_path: Path
) -> None:
    grade = room.graded(tmp_path, cheat(room))
    [check] = [check for check in grade.checks if check.name == name]
    assert (check.outcome, words in check.why) == (outcome, True), check.why
    assert grade.outcome in ("failed", "flagged")


@pytest.mark.parametrize("cheat", [cheat for cheat, *_ in CHEATS.values()], ids=CHEATS.keys())
def test_without_the_key_no_edit_passes(cheat: Cheat, room: Class, tmp_path: Path) -> None:
    grade = room.graded(tmp_path, cheat(room), Verifier())
    assert grade.outcome != "passed"
    assert {check.outcome for check in grade.checks if check.name == "prediction"} <= {
        "failed",
        "flagged",
        "unverified",
    }


# -- with the server's own home --------------------------------------------------------------------------


def test_a_removed_signature_fails_where_the_server_has_the_attempt(room: Class, tmp_path: Path) -> None:
    assert outcome_of(checked(room, without_signature(room), tmp_path), "signature") == (
        "failed",
        "it was removed: this server signed the attempt",
    )


def test_an_earlier_signed_state_is_flagged_with_what_has_changed(room: Class, tmp_path: Path) -> None:
    earlier = room.submitted(room.another("Eve", id="e" * 16))
    room.submitted(room.another("Eve", id="e" * 16, again=1, prediction=2, choice=1))
    outcome, why = outcome_of(checked(room, earlier, tmp_path), "signature")
    assert outcome == "flagged"
    assert why.endswith("these have changed since: again, choice, prediction")


def test_the_results_of_a_longer_training_are_found_by_their_runs(room: Class, tmp_path: Path) -> None:
    longer = replace(room.attempt.config, steps=9)
    other = replace(room.another("Eve"), config=longer)
    run = room.server.create(other.spec(0))
    data = put("figures.students.0.runs", [run])(copy.deepcopy(room.honest))
    try:
        outcome, why = outcome_of(checked(room, room.signed_again(data), tmp_path), "signature")
    finally:
        room.server.discard(run)
    assert (outcome, "another student or another training than A" in why) == ("failed", True)
