"""Rows, tables and data sets as people bring them, in small; and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import update

from labcore.data.own.columns import Columns
from labcore.data.own.data_set import DataSet, make_data_set
from labcore.data.own.data_table import DataTable
from labcore.data.own.table import Table
from labcore.database.schema import DATA_SETS
from labcore.runs.home_database import home_database

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


def known_of(data_hash: str, home: Path) -> dict[str, object]:
    """What a home's database has of a data set beside its name and date."""
    row = DataTable(home_database(home)).read(data_hash)
    assert row is not None
    known: dict[str, object] = json.loads(row.content)
    return known


def set_known(data_hash: str, home: Path, **columns: str) -> None:
    """Set columns of a data set's row, as somebody may who edits the database."""
    with home_database(home).to_write() as connection:
        connection.execute(update(DATA_SETS).where(DATA_SETS.c.hash == data_hash).values(**columns))
