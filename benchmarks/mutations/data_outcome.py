"""What the lab makes of a file that may be no data at all: a table, one line, or a fault."""

from __future__ import annotations

import random
import time
import traceback
from dataclasses import dataclass, replace

from labcore.data.own.columns import guess_columns
from labcore.data.own.data_set import make_data_set, report_of
from labcore.data.own.encodings import ENCODINGS
from labcore.data.own.file_format import KINDS, FileFormat, guess_format
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table, read_table

MAX_SECONDS = 10
MAX_LINE = 1200  # characters of a refusal


@dataclass(frozen=True)
class FileOutcome:
    """reached: the last stage that worked: "nothing", "format", "table", "columns", "report" or "data set".

    line: the refusal. wrong: a fault, such as a traceback. seconds: of the processor, for all stages, so that other
    processes do not count.
    """

    reached: str
    line: str
    wrong: str
    seconds: float


def outcome_of_file(content: bytes, name: str, draw: random.Random | None = None) -> FileOutcome:
    """Take a file through all stages up to a data set. draw: also correct the format at random, as a person can."""
    reached, line, wrong = "nothing", "", ""
    started = time.process_time()
    try:
        file_format = guess_format(content, name)
        reached = "format"
        if draw is not None:
            file_format = corrected(file_format, draw)
        table = read_table(content, file_format)
        reached = "table"
        wrong = table_fault(table)
        columns = guess_columns(table)
        reached = "columns"
        report_of(table, columns)
        reached = "report"
        made, _ = make_data_set(table, columns, name or "data")
        reached = "data set"
        wrong = wrong or ("" if len(made.hash) == 16 else "no hash")
    except DataError as error:
        line = f"{error}"
        if "\n" in line or len(line) > MAX_LINE or not line.strip():
            wrong = f"the refusal is no line: {line[:200]!r}"
    except Exception:
        wrong = traceback.format_exc()
    return FileOutcome(reached, line, wrong, time.process_time() - started)


def corrected(file_format: FileFormat, draw: random.Random) -> FileFormat:
    """A format with one thing changed."""
    return replace(
        file_format,
        **draw.choice(
            (
                {"encoding": draw.choice(ENCODINGS)},
                {"delimiter": draw.choice(",;\t|ax0")},
                {"header": not file_format.header},
                {"lines_above": draw.randrange(50)},
                {"kind": draw.choice(KINDS)},
            )
        ),
    )


def table_fault(table: Table) -> str:
    """What is wrong with a table as a table; empty if nothing is."""
    if len(set(table.columns)) < len(table.columns) or not all(name.strip() for name in table.columns):
        return f"columns {table.columns!r}"
    if any(len(row) != len(table.columns) for row in table.rows):
        return "rows of different widths"
    if any(not isinstance(cell, str) or "\0" in cell for row in table.rows for cell in row):
        return "a cell that is no text"
    return ""
