"""The process that reads a Parquet file from standard input, and writes its cells as JSON to standard output."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from typing import Any

from labcore.data.own.limits import MAX_CHARACTERS, MAX_UNPACKED_BYTES, DataError
from labcore.data.own.parquet_process import ADVICE
from labcore.data.own.table import check_columns, check_rows
from labcore.system.host import limit_resources

MEMORY_BYTES = 3 * 2**30  # of addresses, of which pyarrow's own libraries take much
CPU_SECONDS = 10  # of the processor
BATCH = 1000  # rows at a time


def main() -> None:
    """Read the file, and write one JSON object: its columns and rows, or why it was refused."""
    limit_resources(MEMORY_BYTES, CPU_SECONDS)
    try:
        report = cells_of(sys.stdin.buffer.read())
    except DataError as error:
        report = {"refused": f"{error}"}
    except MemoryError:
        report = {"refused": f"the Parquet file unpacks to more than memory holds; {ADVICE}"}
    except Exception as error:  # pyarrow's own errors, and whatever a damaged file leads to
        reason = " ".join(f"{error}".split())[:200] or type(error).__name__
        report = {"refused": f"the Parquet file can't be read ({reason}); {ADVICE}"}
    sys.stdout.write(f"{json.dumps(report)}\n")


def cells_of(content: bytes) -> dict[str, Any]:
    """The columns and rows of a Parquet file. Raises DataError if it is over a limit, and pyarrow's own errors."""
    import pyarrow  # type: ignore[import-untyped]
    from pyarrow import parquet

    file = parquet.ParquetFile(pyarrow.BufferReader(content))
    metadata, names = file.metadata, file.schema_arrow.names
    check_columns(max(metadata.num_columns, len(names)))
    check_rows(metadata.num_rows)
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if unpacked > MAX_UNPACKED_BYTES:
        raise DataError(
            f"the file unpacks to {unpacked / 1e6:,.0f} MB; give at most {MAX_UNPACKED_BYTES // 1_000_000} MB"
        )
    # A value that a column repeats is held once, as in the file: a long text in each of 50,000 rows would fill memory.
    types = {field.name: field.type for field in file.schema_arrow}
    repeated = [name for name, of in types.items() if pyarrow.types.is_string(of) or pyarrow.types.is_binary(of)]
    file = parquet.ParquetFile(pyarrow.BufferReader(content), read_dictionary=repeated)
    rows: list[tuple[str, ...]] = []
    characters = 0
    for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
        columns = [list(_cells(column)) for column in batch.columns]
        characters += sum(len(cell) for column in columns for cell in column)
        if characters > MAX_UNPACKED_BYTES:
            raise DataError(
                f"the texts have more than {MAX_UNPACKED_BYTES:,} characters together; give fewer or shorter ones"
            )
        rows += zip(*columns, strict=True)
        check_rows(len(rows))
    return {"columns": names, "rows": rows}


def _cells(column: Any) -> Iterator[str]:
    """A column's values as text, cut off behind the limit."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        values = [_shown(value) for value in column.dictionary.to_pylist()]
        return ("" if index is None else values[index] for index in column.indices.to_pylist())
    return (_shown(value) for value in column.to_pylist())


def _shown(value: Any) -> str:
    """A value as text: empty if it is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    elif isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return str(value)[: MAX_CHARACTERS + 1].replace("\0", "")
