"""A Parquet file read in a process of its own, with a limit on time and memory.

The file's own numbers can lie about its size, and a damaged file can end the process that reads it. So a child does
that (`parquet_child.py`), and its end is an error message here, not the end of the lab.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from labcore.data.own.limits import DataError
from labcore.data.own.table import Table, column_names

MAX_SECONDS = 30  # on a busy machine; the child itself ends after 10 s of the processor
START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from labcore.data.own.parquet_child import main
main()
"""
ADVICE = "write it again, or give a CSV file"


def read_parquet(content: bytes) -> Table:
    """The table in a Parquet file. Raises DataError if the file is damaged, or over a limit."""
    search = json.dumps([os.path.abspath(folder) for folder in sys.path])
    environment = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"}
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-c", START, search],
            input=content,
            capture_output=True,
            timeout=MAX_SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"the Parquet file was not read within {MAX_SECONDS} s; give a smaller one") from None
    report = _report(child.stdout)
    if report is None:
        raise DataError(f"the Parquet file can't be read, because it is damaged or unpacks to too much; {ADVICE}")
    if "refused" in report:
        raise DataError(str(report["refused"]))
    columns = column_names(report["columns"])
    return Table(columns, tuple(map(tuple, report["rows"])))


def _report(output: bytes) -> dict[str, Any] | None:
    """What the child wrote; None if it ended before."""
    if not output.endswith(b"\n"):
        return None
    try:
        report = json.loads(output)
    except ValueError:
        return None
    return report if isinstance(report, dict) else None
