"""The grader: honest, wrong and dishonest submissions, each recomputed by training real students of a tiny teacher."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcore.exercise.attempt import CONFIG_KEY
from labcore.exercise.rules import MIN_WORDS
from labcore.exercise.submission import MAX_BYTES, read_submission
from labcore.exercise.submission_checks import CHECKS, CONFIG_CHECK
from labcore.runs.store import Store
from tests.shared.submissions import Class, off_by_a_point, put


def step(**fields: Any) -> list[dict[str, Any]]:
    return [fields]


def as_bytes(content: bytes) -> Callable[[dict[str, Any]], bytes]:
    return lambda data: content


def typed(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    """A change of a submission whose counts were typed, as in earlier versions."""
    return lambda data: change(put("attempt.counting_line", "")(data) or data)


VAST = step(kind="manual", hidden=65_536, layers=200, heads=64, intermediate=65_536)
KINDS: dict[str, tuple[Callable[[dict[str, Any]], object], str, str, str]] = {
    # a change of an honest file: the outcome of all, the check that decides, and its words
    "honest": (lambda data: data, "passed", "accuracy", "claimed within 3 points"),
    "honest, on another machine": (off_by_a_point, "passed", "accuracy", "claimed within 3 points"),
    "typed-in count": (
        put("figures.students.1.parameters", 7_000_000),
        "failed",
        "counts",
        "B: 7,000,000 claimed, 8,386 counted",
    ),
    "typed-in count of the teacher": (
        put("figures.teacher_parameters", 110_000_000),
        "failed",
        "counts",
        "the teacher",
    ),
    "own count that is not that of its line": (
        put("attempt.slots.2.count", lambda n: n + 10**6),
        "failed",
        "own counts",
        "not those of its counting line",
    ),
    "own counts that were typed": (put("attempt.counting_line", ""), "flagged", "own counts", "typed, not proven"),
    "own count that was typed wrong": (
        typed(put("attempt.slots.2.count", lambda n: n + 10**6)),
        "failed",
        "own counts",
        "C: ",
    ),
    "own count that is missing": (
        typed(put("attempt.teacher_count", None)),
        "failed",
        "own counts",
        "the teacher: none",
    ),
    "own counts shown": (put("attempt.shown", True), "flagged", "own counts", "were shown"),
    "typed-in accuracy": (put("figures.students.1.accuracy", 0.99), "failed", "accuracy", "B: 99.0 % claimed"),
    "typed-in accuracy of the teacher": (
        put("figures.teacher_accuracy", 0.95),
        "failed",
        "accuracy",
        "the teacher: 95.0 %",
    ),
    "typed-in agreement": (put("figures.students.0.agreement", lambda a: a - 0.04), "failed", "agreement", "A: "),
    "typed-in retention": (put("figures.students.2.retention", 9.0), "failed", "retention", "C: 900.0 % claimed"),
    "prediction after the runs began": (
        put("attempt.predicted", "2026-01-02T11:00:01+00:00"),
        "failed",
        "prediction",
        "after the runs had begun",
    ),
    "prediction after, by its zone": (
        put("attempt.predicted", "2026-01-02T11:30:00-01:00"),
        "failed",
        "prediction",
        "after the runs had begun",
    ),
    "no prediction": (put("attempt.prediction", None), "failed", "prediction", "there is none"),
    "runs that never began": (put("attempt.begun", None), "failed", "prediction", "the time when the runs began"),
    "prediction after results were seen": (put("attempt.again", 2), "flagged", "prediction", "changed 2 times"),
    "two slots": (put("attempt.slots", lambda slots: slots[:2]), "failed", "file", "slots has 2 entries"),
    "an empty slot": (put("attempt.slots.1.steps", None), "failed", "students", "B is empty"),
    "two of one level": (
        put("attempt.slots.1.steps", step(kind="keep_layers", count=1)),
        "failed",
        "students",
        "one level of compression",
    ),
    "larger than the teacher": (
        put("attempt.slots.0.steps", step(kind="factorise", rank=16)),
        "failed",
        "students",
        "or more",
    ),
    "sparse, so as large": (
        put("attempt.slots.0.steps", step(kind="prune", sparsity=0.5)),
        "failed",
        "students",
        "Zeros are parameters",
    ),
    "vast": (put("attempt.slots.0.steps", VAST), "failed", "students", "times as large"),
    "a layer that is not there": (
        put("attempt.slots.0.steps", step(kind="keep_layers", layers=[7])),
        "failed",
        "students",
        "A can't be made",
    ),
    "a step of no kind": (put("attempt.slots.0.steps", step(kind="shrink")), "failed", "file", "'shrink' is unknown"),
    "no reason": (put("attempt.reason", ""), "failed", "reason", f"at least {MIN_WORDS}"),
    "a short reason": (put("attempt.reason", "It is best."), "failed", "reason", "3 words"),
    "a dominated choice": (put("attempt.choice", 1), "flagged", "choice", "B is dominated"),
    "no choice": (put("attempt.choice", None), "failed", "choice", "none was chosen"),
    "no name": (put("attempt.name", " "), "failed", "name", "no name"),
    "another version": (put("attempt.version", 2), "failed", "file", "version is 2"),
    "broken JSON": (as_bytes(b'{"kind": "teacher-student-lab exer'), "failed", "file", "not JSON"),
    "no text": (as_bytes(b"\xff\xfe\x00"), "failed", "file", "can't be read"),
    "brackets without end": (as_bytes(b"[" * 100_000), "failed", "file", "not JSON"),
    "not a number": (put("figures.students.0.accuracy", float("nan")), "failed", "file", "NaN"),
    "no submission": (lambda data: {"teacher": "reviews"}, "failed", "file", "no submission"),
    "a list": (lambda data: [data], "failed", "file", "no submission"),
    "an unknown field": (put("grade", "A"), "failed", "file", "unknown field 'grade'"),
    "figures in words": (put("figures.students.0.accuracy", "high"), "failed", "file", "accuracy is 'high'"),
    "enormous": (as_bytes(b" " * (MAX_BYTES + 1)), "failed", "file", "200,001 bytes"),
    "a teacher without weights": (put("attempt.teacher", "bert-base-uncased"), "failed", CONFIG_CHECK, "no weights"),
    "a teacher of one's own": (put("attempt.teacher", "someone/else"), "failed", "file", "teacher is 'someone/else'"),
    "a million steps": (put(f"attempt.{CONFIG_KEY}.steps", 1_000_000), "failed", CONFIG_CHECK, "1,000,000 steps"),
    "a thousand epochs": (put(f"attempt.{CONFIG_KEY}", {"epochs": 1000}), "failed", CONFIG_CHECK, "read"),
    "a day": (put(f"attempt.{CONFIG_KEY}", {"seconds": 86_400}), "failed", CONFIG_CHECK, "length is in seconds"),
    "a training that breaks": (
        put(f"attempt.{CONFIG_KEY}.learning_rate", 1e11),
        "failed",
        "accuracy",
        "its run fails here",
    ),
}


@pytest.mark.parametrize(("change", "outcome", "name", "words"), KINDS.values(), ids=KINDS.keys())
def test_each_kind_of_submission_has_its_grade(
    change: Callable[[dict[str, Any]], object], outcome: str, name: str, words: str, room: Class, tmp_path: Path
) -> None:
    grade = room.graded(tmp_path, room.signed_again(change(copy.deepcopy(room.honest))))
    [check] = [check for check in grade.checks if check.name == name]
    assert words in check.why
    assert grade.outcome == outcome == check.outcome
    assert "\n" not in "".join(check.why for check in grade.checks)


def test_an_honest_submission_passes_every_check_but_that_of_copies(room: Class, tmp_path: Path) -> None:
    grade = room.graded(tmp_path, room.honest)
    assert {check.name for check in grade.checks if check.outcome == "passed"} == set(CHECKS) - {"original"}
    assert grade.recomputed is not None
    claimed = read_submission(tmp_path / "it.json").results
    assert grade.recomputed.accuracies == pytest.approx(claimed.accuracies)  # one machine, one spec: one student
    assert {run for s in grade.recomputed.students for run in s.runs}.isdisjoint(
        r for s in claimed.students for r in s.runs
    )


def test_what_is_finished_is_not_run_again(room: Class, tmp_path: Path) -> None:
    room.graded(tmp_path, room.honest)
    before = [run.id for run in Store(room.home).runs()]
    room.graded(tmp_path, off_by_a_point(copy.deepcopy(room.honest)))
    assert [run.id for run in Store(room.home).runs()] == before


def test_nothing_is_run_for_a_file_that_may_not_be_run(room: Class, tmp_path: Path) -> None:
    before = len(Store(room.home).runs())
    for kind in ("a million steps", "vast", "a teacher without weights", "enormous", "two of one level"):
        grade = room.graded(tmp_path, KINDS[kind][0](copy.deepcopy(room.honest)))
        assert {c.outcome for c in grade.checks if c.name == "accuracy"} <= {"not recomputed"}
    assert len(Store(room.home).runs()) == before
