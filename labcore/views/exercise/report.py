"""An attempt at the exercise as one HTML file to read, keep and print. It needs no network, and trusts nobody's text.

`report.html.jinja` is the page; it escapes all that it is given but the tables and charts made here.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import plotly.io
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from labcore.data.tasks import load_task
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.student_comparisons import compare_students, counted_students
from labcore.exercise.submission import Submission
from labcore.results.counts import Comparison, Counts
from labcore.views.design.towers import towers
from labcore.views.exercise.attempt_tables import (
    alternative_text,
    capacity_table,
    dominated_in_words,
    exercise_frontier,
    prediction_in_words,
    results_table,
    rule_in_words,
)
from labcore.views.words import millions, percent, training_in_words

# A printed page has no theme: these are the colours of Streamlit's light one.
COLOURS = {
    "--st-text-color": "#1d1f24",
    "--lab-muted": "#6b6d72",
    "--st-background-color": "#ffffff",
    "--st-border-color": "#dddcd7",
}
# `to_html` would cut cells at 50 characters. The option belongs to the process, so it is set once.
pd.set_option("display.max_colwidth", None)


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


def report(submission: Submission) -> str:
    """The report's HTML, with plotly.js in it: some MB."""
    attempt, results = submission.attempt, submission.results
    examples = len(load_task(attempt.task).splits["test"])
    comparisons = counted_students(compare_students(attempt))
    teacher = comparisons[0].teacher
    students = dict(zip(SLOTS, (one.student for one in comparisons), strict=True))
    return PAGES.get_template("report.html.jinja").render(
        submission=submission,
        attempt=attempt,
        results=results,
        capacity=_capacity(attempt, comparisons),
        towers=_chart(towers(teacher, students), first=True),
        towers_alt=_towers_alt(teacher, students),
        training=training_in_words(attempt.config),
        rule=rule_in_words(attempt),
        predicted=_predicted(attempt),
        outcome="" if attempt.prediction is None else prediction_in_words(attempt, results),
        table=_table(results_table(attempt, results, examples)),
        frontier=_chart(exercise_frontier(attempt, results, examples)),
        frontier_caption=(
            f"Test accuracy on {examples:,} examples against parameters, with one standard error. "
            f"Dotted: {percent(results.teacher_accuracy - attempt.acceptable_loss, 1)}, "
            f"{100 * attempt.acceptable_loss:g} points below the teacher."
        ),
        frontier_alt=alternative_text(results),
        choice="none" if attempt.choice is None else SLOTS[attempt.choice],
        dominated=dominated_in_words(attempt, results),
        runs=[run for student in results.students for run in student.runs],
    )


def _towers_alt(teacher: Counts, students: dict[str, Counts]) -> str:
    sizes = ", ".join(f"{name} {millions(counts.total)}" for name, counts in students.items())
    return f"Towers: the teacher has {millions(teacher.total)} parameters, {sizes}"


def _predicted(attempt: Attempt) -> str:
    if attempt.prediction is None:
        return "none"
    return f"{SLOTS[attempt.prediction]}, made {attempt.predicted}, runs begun {attempt.begun}"


def _capacity(attempt: Attempt, comparisons: list[Comparison]) -> Markup:
    table = capacity_table(attempt, comparisons)
    table["your count"] = ["–" if pd.isna(count) else f"{count:,}" for count in table["your count"]]
    table["parameters"] = [f"{count:,}" for count in table["parameters"]]
    table["of the teacher"] = [f"{size:.1f} %" for size in table["of the teacher"]]
    return _table(table)


def _table(table: pd.DataFrame) -> Markup:
    """A table of text as HTML, escaped."""
    return Markup(table.to_html(index=False, border=0, escape=True))


def _chart(figure: go.Figure, first: bool = False) -> Markup:
    """A chart that draws itself; the first one brings plotly.js along for all."""
    text = plotly.io.to_json(figure, validate=False)
    for name, colour in COLOURS.items():
        text = text.replace(f"var({name})", colour)
    light = go.Figure(json.loads(text)).update_layout(template="plotly_white", height=380)
    html = plotly.io.to_html(
        light, include_plotlyjs=first, full_html=False, config={"displaylogo": False, "displayModeBar": False}
    )
    return Markup(html)
