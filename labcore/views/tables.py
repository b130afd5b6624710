"""Counts and runs as tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.results.counts import Comparison, MODEL_PARTS
from labcore.results.run import Run, finished_runs
from labcore.views.teacher_names import teachers_told
from labcore.views.words import design_in_words


def parts_table(comparison: Comparison) -> pd.DataFrame:
    """Parameters by part, the encoder also layer by layer, for teacher and student; a layer that is gone is 0."""
    teacher, student = comparison.teacher, comparison.student
    rows: list[tuple[str, int, int]] = []
    for part in MODEL_PARTS:
        rows.append((part, teacher.parts[part], student.parts[part]))
        if part == "encoder":
            for i in range(max(len(teacher.layers), len(student.layers))):
                theirs, ours = (side.layers[i] if i < len(side.layers) else 0 for side in (teacher, student))
                rows.append((f"– layer {i + 1}", theirs, ours))
    rows.append(("total", teacher.total, student.total))
    rows.append(("non-zero", teacher.nonzero, student.nonzero))
    table = pd.DataFrame(rows, columns=["part", "teacher", "student"])
    table["student / teacher"] = 100 * table["student"] / table["teacher"].where(table["teacher"] > 0)
    return table


def runs_table(runs: Sequence[Run]) -> pd.DataFrame:
    """The finished runs, one a row, with what the frontier shows; shares as percentages.

    Their teachers' names are a column if they have several.
    """
    told = teachers_told(runs)
    rows = [
        {
            "run": run.id,
            "student": design_in_words(run.spec),
            **({"teacher": told[run.id]} if told else {}),
            "parameters": run.counts.student.total,
            "size": 100 * run.counts.ratio,
            "non-zero": run.counts.student.nonzero,
            "accuracy": 100 * run.result.accuracy,
            "retention": 100 * run.result.retention,
            "agreement": 100 * run.result.agreement,
            "seconds": run.result.seconds,
        }
        for run in finished_runs(runs)
    ]
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    """The table as Markdown, to be read in a terminal or pasted into a page."""
    rows = [list(table.columns), ["---"] * len(table.columns), *table.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)
