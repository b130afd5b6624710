"""Rows, tables and data sets as people bring them, in small."""

from __future__ import annotations

from labcore.data.own.columns import Columns
from labcore.data.own.data_set import DataSet, make_data_set
from labcore.data.own.table import Table

COLUMNS = Columns("text", "label")


def table(rows: list[tuple[str, ...]], *names: str) -> Table:
    """A table of these rows; its columns are text and label if no names are given."""
    return Table(names or ("text", "label"), tuple(rows))


def some(n: int = 200, labels: str = "ab") -> list[tuple[str, ...]]:
    """Different texts, each with one of the labels, in turn."""
    return [(f"text number {i} is about {i * 7 % 31}", labels[i % len(labels)]) for i in range(n)]


def made(rows: list[tuple[str, ...]], *names: str, columns: Columns = COLUMNS, **settings: int) -> DataSet:
    """The data set of these rows."""
    return make_data_set(table(rows, *names), columns, "mine", **settings)[0]
