"""The rows of a text with delimiters, with bounds on what a damaged file can make of them. Standard library only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Literal

from labcore.data.own.limits import DataError

# strict: quotes hold delimiters and line ends together, and text behind a closing quote is an error.
# lenient: the same, and such text belongs to the field. none: a quote is a character like any other.
Quotes = Literal["strict", "lenient", "none"]

MAX_LINES = 2_000  # of one row: its quoted fields hold line ends
MAX_DELIMITERS = 50_000  # in one line, before it is split
SAMPLE_ROWS = 300  # that a guess reads
SAMPLE_CHARACTERS = 300_000


class BadQuotes(Exception):
    """Quotes that do not fit. at_end: a quote that opens in the text's last row has no end; how many lines it has."""

    def __init__(self, words: str, at_end: int = 0):
        super().__init__(words)
        self.at_end = at_end


def rows_of(text: str, delimiter: str, quotes: Quotes, lines_above: int = 0) -> Iterator[list[str]]:
    """The rows, without empty lines. Raises BadQuotes, and DataError if a line would make too many fields."""
    lines = io.StringIO(text, newline="\n")
    for _ in range(lines_above):
        lines.readline()
    fed = _Fed(lines, delimiter)
    if quotes == "none":
        reader = csv.reader(fed, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(fed, delimiter=delimiter, strict=quotes == "strict")
    while True:
        fed.since.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in f"{error}":
                raise BadQuotes(f"a text has more than {csv.field_size_limit():,} characters") from None
            raise BadQuotes(f"{error}", len(fed.since) if fed.ended else 0) from None
        if fed.ended and quotes == "lenient" and _open_at_end("".join(fed.since), delimiter):
            raise BadQuotes("a quote has no end", len(fed.since))
        if row:
            yield row


class _Fed:
    """The lines as csv takes them; it counts those of a row, so that a stray quote can't swallow the file."""

    def __init__(self, lines: io.StringIO, delimiter: str):
        self._lines, self._delimiter = lines, delimiter
        self.since: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) > MAX_DELIMITERS and line.count(self._delimiter) > MAX_DELIMITERS:
            raise DataError(
                f"a line has more than {MAX_DELIMITERS:,} fields; give another delimiter, or a file of fewer columns"
            )
        self.since.append(line)
        if len(self.since) > MAX_LINES:
            raise BadQuotes(f"a row has more than {MAX_LINES:,} lines")
        return line


def _open_at_end(last: str, delimiter: str) -> bool:
    """Whether the last row's quote has no end, which csv accepts unless it is strict."""
    try:
        list(csv.reader(io.StringIO(last, newline="\n"), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in f"{error}"
    return False


def sample_rows(text: str, delimiter: str, lines_above: int = 0) -> list[list[str]]:
    """The first rows, for a guess; without a row that is cut off by the sample's end."""
    part = text[:SAMPLE_CHARACTERS]
    if len(part) < len(text) and "\n" in part:
        part = part[: part.rindex("\n")]
    modes: tuple[Quotes, ...] = ("strict", "lenient", "none")
    for quotes in modes:
        rows: list[list[str]] = []
        try:
            for row in rows_of(part, delimiter, quotes, lines_above):
                rows.append(row)
                if len(rows) >= SAMPLE_ROWS:
                    break
        except BadQuotes as error:
            if not rows or not error.at_end or len(part) == len(text):
                continue
        except DataError:
            continue
        return rows
    return []
