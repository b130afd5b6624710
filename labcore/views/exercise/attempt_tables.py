"""The exercise in tables, a chart and words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from labcore.evaluate.pareto_front import TEACHER_POINT, Point
from labcore.evaluate.significance import half_interval
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, best_slot
from labcore.exercise.rules import acceptable, dominator
from labcore.results.counts import Comparison
from labcore.views.frontier.frontier_chart import frontier
from labcore.views.words import percent, student_in_words


def capacity_table(attempt: Attempt, comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Teacher and students: the person's own count, the right one, and the size relative to the teacher, in percent."""
    teacher = comparisons[0].teacher
    rows = [("teacher", attempt.teacher_count, teacher.total, attempt.teacher)]
    for i, (name, slot) in enumerate(attempt.named):
        rows.append((name, slot.count, comparisons[i].student.total, student_in_words(attempt.spec(i))))
    table = pd.DataFrame(rows, columns=["model", "your count", "parameters", "what it is"])
    table["your count"] = table["your count"].astype("Int64")
    table.insert(3, "of the teacher", 100 * table["parameters"] / teacher.total)
    return table


def results_table(attempt: Attempt, results: AttemptResults, examples: int) -> pd.DataFrame:
    """Teacher and students: size, test accuracy with its 95 % interval over *n* examples, retention, agreement."""
    rows = [("teacher", "100 %", _accuracy(results.teacher_accuracy, examples), "100 %", "–", attempt.teacher)]
    for i, student in enumerate(results.students):
        rows.append(
            (
                SLOTS[i],
                percent(student.parameters / results.teacher_parameters, 1),
                _accuracy(student.accuracy, examples),
                percent(student.retention, 1),
                percent(student.agreement, 1),
                student_in_words(attempt.spec(i)),
            )
        )
    return pd.DataFrame(rows, columns=["model", "size", "test accuracy", "retention", "agreement", "what it is"])


def _accuracy(accuracy: float, examples: int) -> str:
    return f"{percent(accuracy, 1)} ± {100 * half_interval(accuracy, examples):.1f}"


def exercise_frontier(attempt: Attempt, results: AttemptResults, examples: int) -> go.Figure:
    """Accuracy against parameters of three students, each with its letter, and of the teacher; the choice larger."""
    students = [
        Point(
            id=name,
            name=f"{name}: {student_in_words(attempt.spec(i))}",
            size=student.parameters,
            accuracy=student.accuracy,
        )
        for i, (name, student) in enumerate(zip(SLOTS, results.students, strict=True))
    ]
    teacher = Point(
        id=TEACHER_POINT,
        name=f"teacher: {attempt.teacher}",
        size=results.teacher_parameters,
        accuracy=results.teacher_accuracy,
    )
    chosen = None if attempt.choice is None else SLOTS[attempt.choice]
    figure = frontier(students, [teacher], examples, "total", chosen)
    for point in students:
        figure.add_annotation(
            x=point.size, y=point.accuracy, text=f"<b>{point.id}</b>", showarrow=False, xshift=12, yshift=12
        )
    figure.add_hline(
        y=results.teacher_accuracy - attempt.acceptable_loss,
        line={"dash": "dot", "width": 1},
        opacity=0.6,
        annotation_text=f"{100 * attempt.acceptable_loss:g} points below the teacher",
        annotation_position="bottom left",
    )
    return figure


def rule_in_words(attempt: Attempt) -> str:
    """The exercise's rule for the best trade-off."""
    return (
        f"**The rule.** The best trade-off is the smallest student whose test accuracy is at most "
        f"{100 * attempt.acceptable_loss:g} points below its teacher's. If none is, it is the most accurate one."
    )


def prediction_in_words(attempt: Attempt, results: AttemptResults) -> str:
    """Whether the prediction held, and by which rule."""
    assert attempt.prediction is not None
    best, predicted = SLOTS[best_slot(attempt, results)], SLOTS[attempt.prediction]
    distance = f"{100 * attempt.acceptable_loss:g} points of its teacher"
    if any(acceptable(accuracy, results.teacher_accuracy, attempt.acceptable_loss) for accuracy in results.accuracies):
        why = f"the smallest within {distance}"
    else:
        why = f"the most accurate, because none is within {distance}"
    if best == predicted:
        return f"**Your prediction held:** {best} is the best trade-off. It is {why}."
    return f"**You predicted {predicted}; {best} is the best trade-off.** It is {why}. What did you not expect?"


def dominated_in_words(attempt: Attempt, results: AttemptResults) -> str:
    """Which student beats the chosen one in size and accuracy at once; empty if none does."""
    if attempt.choice is None:
        return ""
    better = dominator(attempt.choice, results.sizes, results.accuracies)
    if better is None:
        return ""
    chosen, other = SLOTS[attempt.choice], SLOTS[better]
    return (
        f"**{chosen} is dominated by {other}**, which is no larger and no less accurate here. "
        "You may still choose it, and explain why; whoever grades it sees the flag."
    )


def alternative_text(results: AttemptResults) -> str:
    """The frontier in a sentence, for people who can't see it."""
    sizes = [percent(size / results.teacher_parameters) for size in results.sizes]
    accuracies = [percent(accuracy, 1) for accuracy in results.accuracies]
    rows = zip(SLOTS, sizes, accuracies, strict=True)
    students = ", ".join(f"{name} {size} of the size at {accuracy}" for name, size, accuracy in rows)
    return f"Accuracy against parameters: the teacher at {percent(results.teacher_accuracy, 1)}, {students}."
