"""The exercise's table and chart: one set of intervals, the teacher and chance as lines, and who is no better."""

from __future__ import annotations

import pytest

from labcore.data.tasks import load_task
from labcore.evaluate.chance import chance_accuracy
from labcore.exercise.attempt_results import AttemptResults, StudentResults
from labcore.results.accuracy_error import half_interval
from labcore.views.exercise.attempt_tables import exercise_frontier, in_a_row, results_table
from tests.shared.attempts import designed

TEST = load_task("reviews").splits["test"]
ACCURACIES = (0.8, 0.7, 0.51)
RESULTS = AttemptResults(
    22_000_000,
    0.84,
    tuple(
        StudentResults(parameters=size, accuracy=a, agreement=0.9, retention=a / 0.84, runs=("r",))
        for size, a in zip((17_000_000, 10_000_000, 2_000_000), ACCURACIES, strict=True)
    ),
)


def test_chart_and_table_have_the_same_intervals_for_students_and_teacher() -> None:
    table = results_table(designed(), RESULTS, len(TEST)).set_index("model")["test accuracy"]
    traces = {trace.name: trace for trace in exercise_frontier(designed(), RESULTS, len(TEST)).data}
    drawn = {
        **dict(zip("ABC", traces["student"].error_y.array, strict=True)),
        "teacher": traces["teacher"].error_y.array[0],
    }
    for (name, half), accuracy in zip(drawn.items(), (*ACCURACIES, 0.84), strict=True):
        assert half == pytest.approx(half_interval(accuracy, len(TEST)))
        assert table[name] == f"{100 * accuracy:.1f} % ± {100 * half:.1f}"


def test_lines_are_at_the_teacher_the_acceptable_loss_and_chance() -> None:
    figure = exercise_frontier(designed(acceptable_loss=0.05), RESULTS, len(TEST))
    chance = chance_accuracy(TEST.labels)
    assert [line.y0 for line in figure.layout.shapes] == pytest.approx([0.84, 0.79, chance])
    names = [line.name for line in figure.layout.shapes]
    assert names == ["teacher, 84.0 %", "5 points below, 79.0 %", f"chance, {100 * chance:.1f} %"]


def test_a_student_no_better_than_chance_is_marked() -> None:
    table = results_table(designed(), RESULTS, len(TEST)).set_index("model")
    assert table["retention"]["C"] == "60.7 % (no better than chance)"
    assert "chance" not in table["retention"]["A"] + table["retention"]["B"]
    assert table["test accuracy"]["chance"] == f"{100 * chance_accuracy(TEST.labels):.1f} %"


def test_names_in_a_row() -> None:
    assert [in_a_row(list(names)) for names in ("A", "AB", "ABC")] == ["A", "A and B", "A, B and C"]
    with pytest.raises(ValueError, match="at least one"):
        in_a_row([])
