"""A file as a table of text: every cell exactly as in the file, so that a label "NA" and a text "null" survive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labcore.data.own.encodings import decoded
from labcore.data.own.file_format import FileFormat
from labcore.data.own.file_kind import check_kind, is_parquet
from labcore.data.own.limits import MAX_COLUMNS, MAX_ROWS, DataError, check_size


@dataclass(frozen=True)
class Table:
    """columns: different names, none of them empty. rows: as many cells each. notes: sentences on what was repaired."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of a column. Raises DataError if there is no such column."""
        if name not in self.columns:
            raise DataError(f"there is no column {name!r}; give one of {names_in_words(self.columns)}")
        index = self.columns.index(name)
        return tuple(row[index] for row in self.rows)


def read_table(content: bytes, file_format: FileFormat) -> Table:
    """The table in a file. Raises DataError if the file can't be read so, or is over a limit."""
    check_size(len(content))
    if is_parquet(content) != (file_format.kind == "parquet"):
        is_one = "is a Parquet file" if is_parquet(content) else "is no Parquet file"
        raise DataError(f"the file {is_one}, and its kind is {file_format.kind!r}; choose another kind")
    if file_format.kind == "parquet":
        from labcore.data.own.parquet_process import read_parquet

        return read_parquet(content)
    check_kind(content)
    text = decoded(content, file_format.encoding)
    notes = []
    if text.unread:
        notes.append(f"{_many(text.unread, 'byte')} could not be read in {file_format.encoding}.")
    if text.nul:
        notes.append(f"{_many(text.nul, 'NUL character')} were left out.")
    if file_format.kind == "jsonl":
        from labcore.data.own.jsonl_reader import read_jsonl

        table = read_jsonl(text.text)
    else:
        from labcore.data.own.csv_reader import read_csv

        table = read_csv(text.text, file_format)
    return Table(table.columns, table.rows, (*notes, *table.notes))


def column_names(given: Sequence[str]) -> tuple[str, ...]:
    """Names for columns: on one line, not too long, not empty, each different."""
    names: list[str] = []
    taken: set[str] = set()
    for index, raw in enumerate(given, 1):
        name = base = " ".join(raw.split())[:100].strip() or f"column {index}"
        count = 2
        while name in taken:
            name, count = f"{base} ({count})", count + 1
        names.append(name)
        taken.add(name)
    return tuple(names)


def check_columns(count: int) -> None:
    """Raise DataError if there are too many columns."""
    if count > MAX_COLUMNS:
        raise DataError(f"the file has {count:,} columns; give at most {MAX_COLUMNS}: a text and a label are enough")


def check_rows(count: int) -> None:
    """Raise DataError if there are too many rows."""
    if count > MAX_ROWS:
        raise DataError(f"the file has more than {MAX_ROWS:,} rows; give at most {MAX_ROWS:,}, such as a random part")


def names_in_words(names: Iterable[str], most: int = 12) -> str:
    """The first names, quoted."""
    every = list(names)
    words = ", ".join(repr(name) for name in every[:most])
    return f"{words} and {len(every) - most} others" if len(every) > most else words


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
