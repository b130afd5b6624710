"""The exercise in tables, a chart and words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from labcore.data.tasks import load_task
from labcore.evaluate.chance import above_chance, chance_accuracy
from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.pareto_front import TEACHER_POINT, Point
from labcore.evaluate.significance import is_significant
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, best_slot
from labcore.exercise.rules import acceptable, dominator
from labcore.exercise.student_pairs import StudentPair
from labcore.results.accuracy_error import half_interval
from labcore.results.counts import Comparison
from labcore.views.evaluate.verdicts import interval, pair_in_words
from labcore.views.frontier.frontier_chart import frontier
from labcore.views.palette import MUTED, TEACHER, TEXT
from labcore.views.teacher_names import short_name
from labcore.views.words import percent, student_in_words


def capacity_table(attempt: Attempt, comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Teacher and students: the person's own count, the right one, and the size relative to the teacher, in percent."""
    teacher = comparisons[0].teacher
    rows = [("teacher", attempt.teacher_count, teacher.total, short_name(attempt.teacher))]
    for i, (name, slot) in enumerate(attempt.named):
        rows.append((name, slot.count, comparisons[i].student.total, student_in_words(attempt.spec(i))))
    table = pd.DataFrame(rows, columns=["model", "your count", "parameters", "what it is"])
    table["your count"] = table["your count"].astype("Int64")
    table.insert(3, "of the teacher", 100 * table["parameters"] / teacher.total)
    return table


def results_table(attempt: Attempt, results: AttemptResults, examples: int) -> pd.DataFrame:
    """Teacher, students and chance: size, test accuracy with its 95 % interval over *n* examples, and the rest.

    The retention of a student whose interval reaches down to chance is marked.
    """
    chance = chance_accuracy(load_task(attempt.task).splits["test"].labels)
    of_teacher = _accuracy(results.teacher_accuracy, examples)
    rows = [("teacher", "100 %", of_teacher, "100 %", "–", short_name(attempt.teacher))]
    for i, student in enumerate(results.students):
        mark = "" if above_chance(student.accuracy, chance, examples) else " (no better than chance)"
        rows.append(
            (
                SLOTS[i],
                percent(student.parameters / results.teacher_parameters, 1),
                _accuracy(student.accuracy, examples),
                percent(student.retention, 1) + mark,
                percent(student.agreement, 1),
                student_in_words(attempt.spec(i)),
            )
        )
    retained = percent(chance / results.teacher_accuracy, 1)
    rows.append(("chance", "–", percent(chance, 1), retained, "–", "always the most frequent label"))
    return pd.DataFrame(rows, columns=["model", "size", "test accuracy", "retention", "agreement", "what it is"])


def _accuracy(accuracy: float, examples: int) -> str:
    return f"{percent(accuracy, 1)} ± {100 * half_interval(accuracy, examples):.1f}"


def exercise_frontier(attempt: Attempt, results: AttemptResults, examples: int) -> go.Figure:
    """Accuracy against parameters of three students, each with its letter, and of the teacher; the choice larger.

    A bar is the 95 % interval of the table. Lines: the teacher, the acceptable loss below it, and chance.
    """
    students = [
        Point(
            id=name,
            name=f"{name}: {student_in_words(attempt.spec(i))}",
            cost=student.parameters,
            quality=student.accuracy,
        )
        for i, (name, student) in enumerate(zip(SLOTS, results.students, strict=True))
    ]
    teacher = Point(
        id=TEACHER_POINT,
        name=f"teacher: {short_name(attempt.teacher)}",
        cost=results.teacher_parameters,
        quality=results.teacher_accuracy,
    )
    chosen = None if attempt.choice is None else SLOTS[attempt.choice]
    figure = frontier(students, [teacher], examples, Axes(), chosen)
    for name, models in (("student", students), ("teacher", [teacher])):
        halves = [half_interval(model.quality, examples) for model in models]
        figure.update_traces(error_y_array=halves, selector={"name": name})
    for point in students:
        figure.add_annotation(
            x=point.cost, y=point.quality, text=f"<b>{point.id}</b>", showarrow=False, xshift=12, yshift=12
        )
    chance = chance_accuracy(load_task(attempt.task).splits["test"].labels)
    _add_line(figure, results.teacher_accuracy, "teacher", TEACHER, "dot")
    lowest = results.teacher_accuracy - attempt.acceptable_loss
    _add_line(figure, lowest, f"{points(attempt.acceptable_loss)} below", TEXT, "dash")
    _add_line(figure, chance, "chance", MUTED, "dot")
    return figure


def _add_line(figure: go.Figure, accuracy: float, name: str, colour: str, dash: str) -> None:
    """Add a line across the chart; its name and accuracy are in the legend, so that they cover no point."""
    figure.add_hline(
        y=accuracy,
        line={"dash": dash, "width": 1.5, "color": colour},
        name=f"{name}, {percent(accuracy, 1)}",
        showlegend=True,
    )


def rule_in_words(attempt: Attempt) -> str:
    """The exercise's rule for the best trade-off."""
    return (
        f"**The rule.** The best trade-off is the smallest student whose test accuracy is at most "
        f"{points(attempt.acceptable_loss)} below its teacher's. If none is, it is the most accurate one. "
        "You can also defend a smaller student without a significant difference from it."
    )


def prediction_in_words(attempt: Attempt, results: AttemptResults, others: Sequence[int] = ()) -> str:
    """Whether the prediction held, and by which rule.

    others: the slots that are as defensible as the rule's, from `labcore.exercise.trade_off.alternatives`.
    """
    assert attempt.prediction is not None
    best, predicted = SLOTS[best_slot(attempt, results)], SLOTS[attempt.prediction]
    distance = f"{points(attempt.acceptable_loss)} of its teacher"
    if any(acceptable(accuracy, results.teacher_accuracy, attempt.acceptable_loss) for accuracy in results.accuracies):
        why = f"It is the smallest within {distance}."
    else:
        why = f"It is the most accurate, because none is within {distance}."
    why = f"{why} {alternatives_in_words(best, others)}".strip()
    if best == predicted:
        return f"**Your prediction held:** {best} is the best trade-off. {why}"
    if attempt.prediction in others:
        return f"**Your prediction, {predicted}, is defensible.** By the rule {best} is the best trade-off. {why}"
    return f"**You predicted {predicted}; {best} is the best trade-off.** {why} What did you not expect?"


def alternatives_in_words(best: str, others: Sequence[int]) -> str:
    """Which smaller students are as defensible as the rule's; empty if none is."""
    if not others:
        return ""
    names = in_a_row([SLOTS[i] for i in others])
    smaller = f"{names} {'is' if len(others) == 1 else 'are'} smaller, without a significant difference from {best}"
    return f"{smaller}: {'both' if len(others) == 1 else 'all three'} are defensible."


def points(fraction: float) -> str:
    """A difference of accuracies in points: `1 point`, `3 points`."""
    return f"{100 * fraction:g} point{'' if fraction == 0.01 else 's'}"


def in_a_row(names: Sequence[str]) -> str:
    """Names as in a sentence: `A`, `A and B`, or `A, B and C`. Raises ValueError if there is none."""
    if not names:
        raise ValueError("no names: give at least one")
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def student_pair_in_words(pair: StudentPair) -> str:
    """The verdict on two students: over all seeds if there are several, else by McNemar's test."""
    difference = pair.comparison.mean_difference
    if difference is None:
        return pair_in_words(pair.comparison.pair, pair.first, pair.second)
    verdict = "Significant difference" if is_significant(difference) else "No significant difference"
    gap = interval(difference.difference, difference.low, difference.high)
    first, second = pair.first, pair.second
    return f"**{verdict} between {first} and {second}** over the seeds: {first} minus {second} is {gap}."


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
