"""A table from a text with delimiters. Standard library only."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

from labcore.data.own.csv_rows import BadQuotes, Quotes, rows_of
from labcore.data.own.file_format import FileFormat
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table, check_columns, check_rows, column_names

MAX_ALL_LINES = 1_000_000  # empty ones and those of quoted texts included
LAST_LINES = 50  # of a last row whose quote has no end: the file was cut off there
MOST_ALIKE = 0.9  # the fraction of rows of one length below which a file has quotes that hold lines
MAX_RAGGED = 0.5  # above this fraction of rows with too many fields the delimiter is wrong


def read_csv(text: str, file_format: FileFormat) -> Table:
    """The table in a text. Rows with too many fields are left out, short ones filled up, and a note reports both.

    Raises DataError if the text has no row, or is over a limit.
    """
    notes: list[str] = []
    if (lines := text.count("\n")) > MAX_ALL_LINES:
        raise DataError(f"the file has {lines:,} lines; give at most {MAX_ALL_LINES:,}")
    rows = _rows(text, file_format, notes)
    if not rows or (file_format.header and len(rows) == 1):
        raise DataError("the file has no row; give one with a text and a label in each row")
    if file_format.header:
        names, rows = rows[0], rows[1:]
    else:
        names = [""] * _usual_width(rows)
    while len(names) > 1 and not names[-1].strip() and all(len(row) < len(names) or not row[-1] for row in rows):
        names = names[:-1]  # a delimiter at the end of every line
        rows = [row[: len(names)] for row in rows]
    check_columns(len(names))
    width = len(names)
    kept = [
        tuple(row) if len(row) == width else (*row, *[""] * (width - len(row))) for row in rows if len(row) <= width
    ]
    long, short = len(rows) - len(kept), sum(len(row) < width for row in rows)
    if long > MAX_RAGGED * len(rows):
        raise DataError(
            f"{long:,} of {len(rows):,} rows have more fields than the {width} of the first row; "
            "choose another delimiter, or put quotes around each text"
        )
    if long:
        notes.append(f"{long:,} rows have more fields than the {width} columns and were left out.")
    if short:
        notes.append(f"{short:,} rows have fewer fields than the {width} columns; the missing ones are empty.")
    return Table(column_names(names), tuple(kept), tuple(notes))


def _rows(text: str, file_format: FileFormat, notes: list[str]) -> list[list[str]]:
    """All rows. Quotes are characters of the texts if they do not fit, and every line has as many fields without them.

    Raises DataError if a limit is passed, or if no way of reading fits.
    """
    if '"' not in text:
        return _plain(text, file_format)
    with suppress(BadQuotes):
        rows = _bounded(text, file_format, "strict")
        joined = len(rows) < text.count("\n")
        if not joined or file_format.delimiter not in "\t|":  # a comma is in many texts, a tab in few
            return rows
    with suppress(BadQuotes, DataError):
        plain = _bounded(text, file_format, "none")
        if len({len(row) for row in plain}) == 1 and len(plain[0]) > 1:
            notes.append("Some quotes have no end, so all quotes were read as characters.")
            return plain
    rows = []
    try:
        return _bounded(text, file_format, "lenient", rows)
    except BadQuotes as error:
        if 0 < error.at_end <= LAST_LINES and len(rows) > 1:
            notes.append("The last row has a quote without an end and was left out; perhaps the file was cut off.")
            return rows
        plain = _plain(text, file_format)
        if sum(len(row) == len(plain[0]) for row in plain) < MOST_ALIKE * len(plain):
            raise DataError(f"the quotes do not fit: {error}; close each quote that opens a text") from None
    notes.append("Some quotes have no end, so all quotes were read as characters.")
    return plain


def _plain(text: str, file_format: FileFormat) -> list[list[str]]:
    try:
        return _bounded(text, file_format, "none")
    except BadQuotes as error:
        raise DataError(
            f"the file can't be split into rows: {error}; give a shorter one, or choose another delimiter"
        ) from None


def _bounded(
    text: str, file_format: FileFormat, quotes: Quotes, rows: list[list[str]] | None = None
) -> list[list[str]]:
    """The rows, within the limits on rows and columns; they are in `rows`, too, if BadQuotes ends them."""
    rows = [] if rows is None else rows
    for row in rows_of(text, file_format.delimiter, quotes, file_format.lines_above):
        if not rows:
            check_columns(_filled(row))
        rows.append(row)
        check_rows(len(rows) - file_format.header)
    return rows


def _filled(row: list[str]) -> int:
    return next((i for i in range(len(row), 0, -1) if row[i - 1].strip()), 0)


def _usual_width(rows: list[list[str]]) -> int:
    """The number of fields that most rows have."""
    return max(Counter(map(len, rows)).items(), key=lambda item: (item[1], item[0]))[0]
