"""A data set as tables: its first rows, and its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from labcore.data.examples import SPLITS, Splits
from labcore.data.own.columns import Columns
from labcore.data.own.data_report import ClassCount
from labcore.data.own.table import Table

PREVIEWED = 20  # rows
SHOWN_CHARACTERS = 300  # of a cell
SHOWN_COLUMNS = 12


def preview(table: Table, columns: Columns) -> pd.DataFrame:
    """The first rows: the columns in use first, then the others, as far as SHOWN_COLUMNS."""
    used = [name for name in (columns.label, columns.text, columns.text_b, columns.split) if name in table.columns]
    others = [name for name in table.columns if name not in used]
    shown = [*used, *others][: max(SHOWN_COLUMNS, len(used))]
    indices = [table.columns.index(str(name)) for name in shown]
    rows = [[row[i][:SHOWN_CHARACTERS] for i in indices] for row in table.rows[:PREVIEWED]]
    return pd.DataFrame(rows, columns=shown)


def classes_table(classes: Sequence[ClassCount]) -> pd.DataFrame:
    """The examples of each class, in all and by split."""
    rows = [(each.label, each.total, each.train, each.validation, each.test) for each in classes]
    return pd.DataFrame(rows, columns=["label", "examples", *SPLITS])


def classes_of(splits: Splits, names: Sequence[str]) -> list[ClassCount]:
    """The same counts of a task that has no report."""
    counts: Mapping[str, list[int]] = {
        split: [examples.labels.count(label) for label in range(len(names))] for split, examples in splits.items()
    }
    return [
        ClassCount(name, counts["train"][i], counts["validation"][i], counts["test"][i]) for i, name in enumerate(names)
    ]
