"""The exercise in tables, a picture and words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import Figures
from labcore.exercise.grading import best_of
from labcore.exercise.rules import dominator
from labcore.results.counts import Comparison
from labcore.views.frontier.frontier_chart import TEACHER_POINT, Point, frontier, standard_error
from labcore.views.words import percent, student_in_words

HALF = 1.96  # standard errors on each side of a 95 % interval


def capacity_table(attempt: Attempt, comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Teacher and students with what the person counted, what is right, and the share of the teacher."""
    teacher = comparisons[0].teacher
    rows = [("teacher", attempt.teacher_count, teacher.total, attempt.teacher)]
    for i, (name, slot) in enumerate(attempt.named):
        rows.append((name, slot.count, comparisons[i].student.total, student_in_words(attempt.spec(i))))
    table = pd.DataFrame(rows, columns=["model", "your count", "parameters", "what it is"])
    table["your count"] = table["your count"].astype("Int64")
    table.insert(3, "of the teacher", 100 * table["parameters"] / teacher.total)
    return table


def results_table(attempt: Attempt, found: Figures, sentences: int) -> pd.DataFrame:
    """Teacher and students: size, test accuracy with its 95 % interval over so many sentences, retention, agreement."""
    rows = [("teacher", "100 %", _accuracy(found.teacher_accuracy, sentences), "100 %", "–", attempt.teacher)]
    for i, student in enumerate(found.students):
        rows.append(
            (
                SLOTS[i],
                percent(student.parameters / found.teacher_parameters, 1),
                _accuracy(student.accuracy, sentences),
                percent(student.retention, 1),
                percent(student.agreement, 1),
                student_in_words(attempt.spec(i)),
            )
        )
    return pd.DataFrame(rows, columns=["model", "size", "test accuracy", "retention", "agreement", "what it is"])


def _accuracy(accuracy: float, sentences: int) -> str:
    return f"{percent(accuracy, 1)} ± {100 * HALF * standard_error(accuracy, sentences):.1f}"


def exercise_frontier(attempt: Attempt, found: Figures, sentences: int) -> go.Figure:
    """The three students and their teacher, accuracy against parameters; the chosen one is larger. Each has its letter."""
    students = [
        Point(name, f"{name}: {student_in_words(attempt.spec(i))}", student.parameters, student.accuracy)
        for i, (name, student) in enumerate(zip(SLOTS, found.students, strict=True))
    ]
    teacher = Point(TEACHER_POINT, f"teacher: {attempt.teacher}", found.teacher_parameters, found.teacher_accuracy)
    chosen = None if attempt.choice is None else SLOTS[attempt.choice]
    figure = frontier(students, [teacher], sentences, "total", chosen)
    for point in students:
        figure.add_annotation(
            x=point.size, y=point.accuracy, text=f"<b>{point.id}</b>", showarrow=False, xshift=12, yshift=12
        )
    line = found.teacher_accuracy - attempt.within
    figure.add_hline(
        y=line,
        line={"dash": "dot", "width": 1},
        opacity=0.6,
        annotation_text=f"{100 * attempt.within:g} points below the teacher",
        annotation_position="bottom left",
    )
    return figure


def rule_in_words(attempt: Attempt) -> str:
    """Which student trades best, as the exercise has it."""
    return (
        f"**The rule.** The student that trades best is the smallest whose test accuracy is at most "
        f"{100 * attempt.within:g} points below its teacher's. If none is, it is the most accurate one."
    )


def prediction_in_words(attempt: Attempt, found: Figures) -> str:
    """Whether the prediction held, and by which rule."""
    assert attempt.prediction is not None
    best, predicted = SLOTS[best_of(attempt, found)], SLOTS[attempt.prediction]
    near = min(found.teacher_accuracy - accuracy for accuracy in found.accuracies) <= attempt.within + 1e-9
    distance = f"{100 * attempt.within:g} points of its teacher"
    why = f"the smallest within {distance}" if near else f"the most accurate, for none is within {distance}"
    if best == predicted:
        return f"**Your prediction held:** {best} trades best. It is {why}."
    return f"**You predicted {predicted}; {best} trades best.** It is {why}. What did you not expect?"


def dominated_in_words(attempt: Attempt, found: Figures) -> str:
    """What beats the chosen student in size and accuracy at once; empty where nothing does."""
    if attempt.choice is None:
        return ""
    better = dominator(attempt.choice, found.sizes, found.accuracies)
    if better is None:
        return ""
    chosen, other = SLOTS[attempt.choice], SLOTS[better]
    return (
        f"**{chosen} is dominated by {other}**, which is no larger and no less accurate here. You may still choose it, and say "
        "why; whoever grades it sees the flag."
    )


def alternative_text(found: Figures) -> str:
    """The frontier in a sentence, for those who can't see it."""
    students = ", ".join(
        f"{name} {percent(s.parameters / found.teacher_parameters)} of the size at {percent(s.accuracy, 1)}"
        for name, s in zip(SLOTS, found.students, strict=True)
    )
    return f"Accuracy against parameters: the teacher at {percent(found.teacher_accuracy, 1)}, {students}."
