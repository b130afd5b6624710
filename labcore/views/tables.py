"""Counts and runs as tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.evaluate.training_length import training_length
from labcore.results.counts import MODEL_PARTS, Comparison
from labcore.results.run import Run, finished_runs
from labcore.views.run_names import run_names
from labcore.views.teacher_names import teacher_column
from labcore.views.words import design_in_words


def parts_table(comparison: Comparison) -> pd.DataFrame:
    """Parameters by part of teacher and student, the encoder also by layer; a removed layer has 0."""
    teacher, student = comparison.teacher, comparison.student
    rows: list[tuple[str, int, int]] = []
    for part in MODEL_PARTS:
        rows.append((part, teacher.parts[part], student.parts[part]))
        if part == "encoder":
            for i in range(max(len(teacher.layers), len(student.layers))):
                of_teacher, of_student = (side.layers[i] if i < len(side.layers) else 0 for side in (teacher, student))
                rows.append((f"– layer {i + 1}", of_teacher, of_student))
    rows.append(("total", teacher.total, student.total))
    rows.append(("non-zero", teacher.nonzero, student.nonzero))
    table = pd.DataFrame(rows, columns=["part", "teacher", "student"])
    table["student / teacher"] = 100 * table["student"] / table["teacher"].where(table["teacher"] > 0)
    return table


def runs_table(runs: Sequence[Run]) -> pd.DataFrame:
    """The finished runs, one in each row, with the figures of the frontier; fractions as percentages.

    `steps` and `epochs` are the length of the training. If the runs have several teachers, a column names them.
    """
    finished = finished_runs(runs)
    names, teachers = run_names(finished), teacher_column(runs)
    lengths = {run.id: training_length(run) for run in finished}
    rows = [
        {
            "name": names[run.id],
            "student": design_in_words(run.spec),
            **({"teacher": teachers[run.id]} if teachers else {}),
            "parameters": run.counts.student.total,
            "size": 100 * run.counts.ratio,
            "non-zero": run.counts.student.nonzero,
            "accuracy": 100 * run.result.accuracy,
            "retention": 100 * run.result.retention,
            "agreement": 100 * run.result.agreement,
            "steps": lengths[run.id].steps,
            "epochs": lengths[run.id].epochs,
            "seconds": run.result.seconds,
            "seed": run.spec.distil.seed,
            "run": run.id,
        }
        for run in finished
    ]
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    """The table as Markdown, for a terminal or a page."""
    rows = [list(table.columns), ["---"] * len(table.columns), *table.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)
