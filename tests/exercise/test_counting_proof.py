"""The counting line: what a right function proves, and how a function that does not count fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

from labcore.__main__ import main
from labcore.config.spec import SpecError
from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.exercise.attempt import Attempt, Slot, new_id
from labcore.exercise.attempt_store import save_attempt
from labcore.exercise.counting_drawn import drawn_models, right_drawn_counts
from labcore.exercise.counting_line import DRAWN, CountingLine, attempt_code, read_line
from labcore.exercise.own_counts import line_problem, own_counts_right, proof_problem, right_totals, with_line
from labcore.exercise.signature import mark_of
from labcore.exercise.student_comparisons import compare_students
from labcore.runs.store import Store
from tests.shared.attempts import right_line
from tests.shared.full import first

RIGHT = """
def count_parameters(model):
    each = list(model.parameters())
    return {
        "total": sum(p.numel() for p in each),
        "trainable": sum(p.numel() for p in each if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in each),
    }
"""
READS_THE_COUNTS = """
import sys

def count_parameters(model):
    frame = sys._getframe()
    while frame is not None:
        if "case" in frame.f_locals:
            right = dict(frame.f_locals["case"].right)
            if frame.f_locals["case"].then and sum(p.numel() for p in model.parameters()) != right["total"]:
                return {name: 1 for name in right}
            return right
        frame = frame.f_back
    return {"total": 1, "trainable": 1, "nonzero": 1}
"""
PATCHES_THE_GRADER = """
import labcore.exercise.counting_check as grader

grader._wrong = lambda returned, case: ""

def count_parameters(model):
    return {"total": 1, "trainable": 1, "nonzero": 1}
"""
CALLS_THE_LAB = f"""
from labcore.exercise.counting_drawn import _counts
{RIGHT}
def count_parameters(model):
    total, trainable, nonzero = _counts(list(model.parameters()))
    return {{"total": total, "trainable": trainable, "nonzero": nonzero}}
"""
PRINTS_A_LINE = """
import os

os.write(1, b"counted-1:made-up\\n")

def count_parameters(model):
    return {"total": 1, "trainable": 1, "nonzero": 1}
"""


def small_attempt() -> Attempt:
    """An attempt whose models are small."""
    steps = ((KeepLayers(count=1),), (TrimVocabulary(size=8000),), (TrimVocabulary(size=2000), KeepLayers(count=1)))
    return Attempt(new_id(), teacher="bert-tiny", slots=tuple(map(Slot, steps)))


def printed(code: str, folder: Path, attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit status of the grader for a file with this code, its last line, and all that it prints."""
    mine = folder / "mine.py"
    mine.write_text(code)
    status = main(["grade", str(mine), "--attempt", attempt_code(attempt, mark_of(attempt.id))])
    out = capsys.readouterr().out
    return status, out.splitlines()[-1], out


def test_a_right_function_prints_a_line_that_the_page_accepts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attempt = small_attempt()
    status, line, _ = printed(RIGHT, tmp_path, attempt, capsys)
    assert status == 0
    counted = with_line(attempt, read_line(line))
    assert own_counts_right(counted, mark_of(attempt.id), compare_students(attempt))
    assert counted.teacher_count == 4_385_920 + 2 * 128 + 2


CHEATS: dict[str, tuple[str, str]] = {
    "reads the right counts in the grader's memory": (READS_THE_COUNTS, "its counts of these models are wrong"),
    "patches the grader": (PATCHES_THE_GRADER, "its counts of these models are wrong"),
    "calls the lab's own counting": (CALLS_THE_LAB, "the function calls the lab's own counting (_counts)"),
    "prints a line of its own": (PRINTS_A_LINE, "There is no line to paste"),
}


@pytest.mark.parametrize(("code", "words"), first(2, CHEATS.values()), ids=CHEATS.keys())
def test_a_function_that_does_not_count_proves_nothing(
    code: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attempt = small_attempt()
    _, last, _ = printed(code, tmp_path, attempt, capsys)
    try:
        line = read_line(last)
    except SpecError:
        assert words in last
        return
    right = right_totals(compare_students(attempt))
    assert right is not None
    assert words in line_problem(line, attempt, mark_of(attempt.id), right)


def test_an_id_in_this_home_will_do_and_another_is_refused(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from labcore.exercise.grade_command import _code

    attempt = small_attempt()
    save_attempt(attempt, store)
    assert _code(attempt.id, store.home) == attempt_code(attempt, mark_of(attempt.id))
    mine = tmp_path / "mine.py"
    mine.write_text(RIGHT)
    for given_code, words in (("f" * 16, "no attempt"), ("f" * 16 + ".abc", "can't be read"), ("f.", "no students")):
        assert main(["grade", str(mine), "--attempt", given_code]) == 2
        error = capsys.readouterr().err
        assert words in error
        assert "stage 2 of the Exercise page" in error
    (tmp_path / "it.json").write_text("{}")
    assert main(["grade", str(tmp_path / "it.json"), "--attempt", attempt.id, "--counts-only"]) == 2
    assert "--attempt is for your function" in capsys.readouterr().err


# -- what is drawn -------------------------------------------------------------------------------------


def counts_by_hand(model: nn.Module) -> tuple[int, int, int]:
    total = trainable = nonzero = 0
    for parameter in model.parameters():
        values = parameter.detach().flatten().tolist()
        total += len(values)
        trainable += len(values) * parameter.requires_grad
        nonzero += sum(value != 0 for value in values)
    return total, trainable, nonzero


def test_the_drawn_models_are_those_of_the_mark_and_their_counts_are_right() -> None:
    models = list(drawn_models("0" * 16))
    assert len(models) == DRAWN
    right = right_drawn_counts("0" * 16)
    assert [counts_by_hand(model) for model in models] == list(right)
    assert right == right_drawn_counts("0" * 16) == FIXED
    assert len({*right, *right_drawn_counts("0" * 15 + "1")}) == 2 * DRAWN
    assert all(trainable < total > nonzero for total, trainable, nonzero in right)


# Of the mark "000…": if they change, lines of earlier submissions turn wrong.
FIXED = (
    (1321, 1057, 1218),
    (1081, 766, 928),
    (1292, 923, 1148),
    (3684, 2541, 3456),
    (11318, 7833, 11169),
    (593, 441, 523),
)


# -- verdicts ------------------------------------------------------------------------------------------


def wrong_lines(attempt: Attempt) -> Iterator[CountingLine]:
    line = right_line(attempt)
    for by in (-1, 1, 10**6):
        yield replace(line, totals=(line.totals[0] + by, *line.totals[1:]))
        yield replace(line, totals=(*line.totals[:3], line.totals[3] + by))
        yield replace(line, drawn=(*line.drawn[:-1], (line.drawn[-1][0] + by, *line.drawn[-1][1:])))


def test_the_verdict_never_gives_a_direction_a_distance_or_a_number() -> None:
    attempt = small_attempt()
    right, mark = right_totals(compare_students(attempt)), mark_of(attempt.id)
    assert right is not None
    problems = [line_problem(line, attempt, mark, right) for line in wrong_lines(attempt)]
    assert set(problems) == {
        f"its counts of these models are wrong: {name}" for name in ("the teacher", "C", f"drawn model {DRAWN}")
    }


def test_a_line_is_for_its_own_students_only() -> None:
    attempt = small_attempt()
    counted = with_line(attempt, right_line(attempt))
    right, mark = right_totals(compare_students(attempt)), mark_of(attempt.id)
    assert right is not None
    assert proof_problem(counted, mark, right) == ""
    changed = counted.with_student(1, (TrimVocabulary(size=9000),))
    assert "other students" in proof_problem(changed, mark, right)
    back = changed.with_student(1, counted.slots[1].steps or ())
    assert proof_problem(back, mark, right) == ""
    assert "are not those of its counting line" in proof_problem(back.with_count(1, 5), mark, right)
