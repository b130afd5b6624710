"""An attempt at the exercise as one HTML file to read, keep and print. It needs no network, and believes nobody's text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go
import plotly.io

from labcore.data.tasks import load_task
from labcore.exercise.attempt import SLOTS
from labcore.exercise.attempt_results import compared
from labcore.exercise.submission import Submission
from labcore.results.counts import Comparison
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

# A paper has no theme: what the page's colours are in a browser of the light one.
COLOURS = {"--st-text-color": "#1d1f24", "--lab-muted": "#6b6d72", "--st-background-color": "#ffffff", "--st-border-color": "#dddcd7"}  # fmt: skip
STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; color: #1d1f24; background: #fff; max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin-bottom: 0.2rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.by { color: #6b6d72; margin-top: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { text-align: right; padding: 0.35rem 0.6rem; border-bottom: 1px solid #dddcd7; } th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; }
td:not(:last-child) { white-space: nowrap; }
blockquote { border-left: 3px solid #d9731a; margin: 0; padding: 0.1rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
figure { margin: 1rem 0; } figcaption { color: #6b6d72; font-size: 0.85rem; }
@media print { body { margin: 0; } h2 { break-after: avoid; } figure, table { break-inside: avoid; } }
"""


def report(handed_in: Submission) -> str:
    """The report's HTML, with plotly.js in it: some MB."""
    attempt, found = handed_in.attempt, handed_in.figures
    sentences = len(load_task(attempt.task).splits["test"])
    known = [one for one in compared(attempt) if isinstance(one, Comparison)]
    capacity = capacity_table(attempt, known)
    capacity["of the teacher"] = [f"{share:.1f} %" for share in capacity["of the teacher"]]
    students = dict(zip(SLOTS, (one.student for one in known), strict=True))
    predicted = "none" if attempt.prediction is None else f"{SLOTS[attempt.prediction]}, made {attempt.predicted}, runs begun {attempt.begun}"  # fmt: skip
    choice = "none" if attempt.choice is None else SLOTS[attempt.choice]
    parts = [
        f"<h1>Which student trades best?</h1><p class='by'>{escape(attempt.name)} · {escape(handed_in.date)}</p>",
        "<h2>Three students</h2>",
        _table(capacity, {"your count": "{:,}", "parameters": "{:,}"}),
        _figure(
            towers(known[0].teacher, students),
            "Teacher and students: area is parameters.",
            f"Towers: the teacher has {millions(known[0].teacher.total)} parameters, "
            + ", ".join(f"{name} {millions(counts.total)}" for name, counts in students.items()),
            first=True,
        ),
        f"<p>{'The right counts were looked at.' if attempt.shown else 'Counted by a function of their own.'} "
        f"Lesson of all three: {escape(training_in_words(attempt.lesson))}.</p>",
        "<h2>Prediction</h2>",
        f"<p>{_bold(rule_in_words(attempt))}</p><p>Predicted: {escape(predicted)}.</p>",
        f"<p>{_bold(prediction_in_words(attempt, found))}</p>" if attempt.prediction is not None else "",
        "<h2>Results</h2>",
        _table(results_table(attempt, found, sentences), {}),
        _figure(
            exercise_frontier(attempt, found, sentences),
            f"Test accuracy on {sentences:,} sentences against parameters, with one standard error. Dotted: "
            f"{percent(found.teacher_accuracy - attempt.within, 1)}, {100 * attempt.within:g} points below the teacher.",
            alternative_text(found),
        ),
        f"<h2>Choice: {escape(choice)}</h2><blockquote>{escape(attempt.reason)}</blockquote>",
        f"<p>{_bold(dominated_in_words(attempt, found))}</p>",
        "<h2>How it was made</h2>",
        f"<p>{escape(handed_in.machine)}. {escape(', '.join(f'{n} {v}' for n, v in handed_in.versions.items()))}. "
        f"Teacher {escape(attempt.teacher)}, {found.seeds} seed{'s' if found.seeds > 1 else ''} each. Attempt {escape(attempt.id)}.</p>",
        f"<p>Runs: {escape(', '.join(run for student in found.students for run in student.runs))}.</p>",
    ]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Exercise of {escape(attempt.name)}</title><style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _table(table: pd.DataFrame, formats: dict[str, str]) -> str:
    """A table as HTML; numbers by the formats of their columns, and nothing but text in it."""
    head = "".join(f"<th scope='col'>{escape(str(column))}</th>" for column in table.columns)
    rows = "".join(f"<tr>{_cells(row, list(table.columns), formats)}</tr>" for row in table.itertuples(index=False))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(row: Sequence[object], columns: Sequence[str], formats: dict[str, str]) -> str:
    return "".join(
        f"<td>{'–' if pd.isna(value) else escape(formats.get(column, '{}').format(value))}</td>"  # type: ignore[call-overload]
        for column, value in zip(columns, row, strict=True)
    )


def _bold(markdown: str) -> str:
    """Our own sentences, whose only Markdown is bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(markdown))


def _figure(figure: go.Figure, caption: str, alt: str, first: bool = False) -> str:
    """A figure that draws itself, and `alt` for who does not see it; the first brings plotly.js along for all."""
    text = plotly.io.to_json(figure, validate=False)
    for name, colour in COLOURS.items():
        text = text.replace(f"var({name})", colour)
    light = go.Figure(json.loads(text)).update_layout(template="plotly_white", height=380)
    html = plotly.io.to_html(
        light, include_plotlyjs=first, full_html=False, config={"displaylogo": False, "displayModeBar": False}
    )
    return f"<figure><div role='img' aria-label='{escape(alt)}'>{html}</div><figcaption>{escape(caption)}</figcaption></figure>"
