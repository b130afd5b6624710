"""An attempt at the exercise as one HTML file to read, keep and print. It needs no network, and trusts nobody's text.

`report.html.jinja` is the page; it escapes all that it is given but the chart made here. It states what the lab has
checked, and what it has not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from labcore.data.tasks import load_task
from labcore.evaluate.chance import chance_accuracy
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults
from labcore.exercise.own_counts import proof_problem, right_totals, wrong_typed_counts
from labcore.exercise.rules import COUNT_TOLERANCE
from labcore.exercise.student_comparisons import SlotComparison, compare_students, counted_students
from labcore.exercise.student_pairs import StudentPair
from labcore.exercise.submission import Submission
from labcore.exercise.trade_off import alternatives
from labcore.results.accuracy_error import half_interval
from labcore.results.counts import Comparison
from labcore.views.exercise.attempt_tables import (
    alternative_text,
    capacity_table,
    dominated_in_words,
    prediction_in_words,
    results_table,
    rule_in_words,
    student_pair_in_words,
)
from labcore.views.exercise.report_chart import Level, StudentMark, accuracy_chart, line_sample
from labcore.views.words import moment, percent, training_in_words


def _bold(markdown: str) -> Markup:
    """The lab's own sentences, whose only Markdown is bold."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(markdown))))


PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
PAGES.filters["bold"] = _bold
PAGES.globals["sample"] = line_sample


def report(submission: Submission, pairs: Sequence[StudentPair] = ()) -> str:
    """The report's HTML, some kB. pairs: the paired comparisons of its students, from their runs' predictions."""
    attempt, results = submission.attempt, submission.results
    labels = load_task(attempt.task).splits["test"].labels
    examples = len(labels)
    slots = compare_students(attempt)
    proven = _proven(attempt, slots)
    levels = _levels(attempt, results, chance_accuracy(labels))
    return PAGES.get_template("report.html.jinja").render(
        submission=submission,
        made=moment(submission.date),
        attempt=attempt,
        capacity=_capacity(attempt, counted_students(slots)),
        counted=_counted(attempt, slots, proven),
        proven=proven,
        training=training_in_words(attempt.config),
        rule=rule_in_words(attempt),
        predicted=_predicted(attempt),
        outcome=_outcome(attempt, results, pairs),
        results=results_table(attempt, results, examples),
        chart=_chart(attempt, results, levels, examples),
        levels=levels,
        caption=_caption(attempt, examples),
        examples=f"{examples:,}",
        pairs=[student_pair_in_words(pair) for pair in pairs],
        choice="none" if attempt.choice is None else SLOTS[attempt.choice],
        dominated=dominated_in_words(attempt, results),
        seeds=results.seeds,
        runs=[run for student in results.students for run in student.runs],
    )


# -- what was designed, counted and predicted ------------------------------------------------------------


def _capacity(attempt: Attempt, comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """`capacity_table` as text."""
    table = capacity_table(attempt, comparisons)
    given = ["–" if pd.isna(count) else f"{count:,}" for count in table["your count"]]
    return pd.DataFrame(
        {
            "model": table["model"],
            "count entered": given,
            "parameters": [f"{count:,}" for count in table["parameters"]],
            "of the teacher": [f"{size:.1f} %" for size in table["of the teacher"]],
            "what it is": table["what it is"],
        }
    )


def _proven(attempt: Attempt, comparisons: Sequence[SlotComparison]) -> bool:
    """Whether a counting line proves the counts. The attempt's id is its mark, as in every submission."""
    right = right_totals(comparisons)
    return bool(attempt.counting_line) and right is not None and not proof_problem(attempt, attempt.id, right)


def _counted(attempt: Attempt, comparisons: Sequence[SlotComparison], proven: bool) -> str:
    """What is known of the person's own counts, and nothing else."""
    if proven:
        return "A counting line proves the counts: a function made them, and counted models drawn for this attempt."
    right = right_totals(comparisons)
    wrong = [] if right is None else wrong_typed_counts(attempt, right)
    verdict = f"not right: {', '.join(wrong)}" if wrong else f"all within {100 * COUNT_TOLERANCE:g} %"
    shown = "were shown" if attempt.shown else "were not shown"
    return f"Counts as entered: {verdict}. The right counts {shown}."


def _predicted(attempt: Attempt) -> str:
    if attempt.prediction is None or attempt.predicted is None:
        return "Predicted: none."
    begun = "" if attempt.begun is None else f" The runs were requested on {moment(attempt.begun)}."
    times = "once" if attempt.again == 1 else f"{attempt.again} times"
    seen = f" It was not blind: students or training were changed {times} after runs had begun." * (attempt.again > 0)
    return f"Predicted: {SLOTS[attempt.prediction]}, on {moment(attempt.predicted)}.{begun}{seen}"


def _outcome(attempt: Attempt, results: AttemptResults, pairs: Sequence[StudentPair]) -> str:
    """Whether the prediction held; empty without one."""
    if attempt.prediction is None:
        return ""
    return prediction_in_words(attempt, results, alternatives(attempt, results, pairs))


# -- the results -----------------------------------------------------------------------------------------


def _levels(attempt: Attempt, results: AttemptResults, chance: float) -> list[Level]:
    """The accuracies to compare with, and their names in the key."""
    teacher = results.teacher_accuracy
    lowest = teacher - attempt.acceptable_loss
    return [
        Level("teacher", teacher, f"teacher, {percent(teacher, 1)}"),
        Level(
            "acceptable", lowest, f"acceptable: {100 * attempt.acceptable_loss:g} points below, {percent(lowest, 1)}"
        ),
        Level("chance", chance, f"chance: always the most frequent label, {percent(chance, 1)}"),
    ]


def _chart(attempt: Attempt, results: AttemptResults, levels: Sequence[Level], examples: int) -> Markup:
    marks = [
        StudentMark(
            name=SLOTS[i],
            parameters=student.parameters,
            accuracy=student.accuracy,
            half=half_interval(student.accuracy, examples),
            chosen=i == attempt.choice,
        )
        for i, student in enumerate(results.students)
    ]
    alt = f"{alternative_text(results)} Lines: {'; '.join(level.label for level in levels)}."
    return accuracy_chart(marks, levels, results.teacher_parameters, alt)


def _caption(attempt: Attempt, examples: int) -> str:
    ring = "" if attempt.choice is None else f" A ring marks the choice, {SLOTS[attempt.choice]}."
    return f"Test accuracy against parameters. Bars are 95 % intervals over {examples:,} examples.{ring}"
