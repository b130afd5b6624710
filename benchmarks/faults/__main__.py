"""Print the table of operations × faults: `python -m benchmarks.faults`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.faults.layer import restart_below

if TYPE_CHECKING:  # nothing large is imported before the process starts again
    from benchmarks.faults.cell import Row


def main() -> int:
    """Print the table; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description="Operations × faults: what came of each try.")
    parser.add_argument("--quick", action="store_true", help="few faults, each at one call of an operation")
    parser.add_argument(
        "--most", type=int, metavar="N", help="the calls of a kind that fail in turn (default: every one)"
    )
    parser.add_argument("--only", nargs="*", default=(), metavar="NAME", help="operations whose names contain these")
    options = parser.parse_args()
    restart_below(sys.argv[1:])
    from benchmarks.faults.cell import COLUMNS, Bench
    from benchmarks.faults.operations import OPERATIONS
    from benchmarks.faults.tiny_lab import tiny_lab

    began, rows = time.monotonic(), []
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    tempfile.tempdir = str(folder)
    tiny_lab()
    chosen = [each for each in OPERATIONS if not options.only or any(name in each.name for name in options.only)]
    print(f"| operation | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}", flush=True)
    for i, operation in enumerate(chosen):
        row = Bench(operation, folder / f"{i}").row(options.quick, options.most)
        print(
            f"| {row.name} | {' | '.join(shown(row.cells.get(column, Counter())) for column in COLUMNS)} |", flush=True
        )
        rows.append(row)
        shutil.rmtree(folder / f"{i}", ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{summary(rows)} {time.monotonic() - began:.0f} s")
    wrong = [line for row in rows for line in row.wrong]
    for line in wrong:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


def shown(counts: Counter[str]) -> str:
    """The outcomes of a cell with how often."""
    return ", ".join(f"{counts[name]} {name}" for name in ("done", "clear", "killed", "wrong") if counts[name])


def summary(rows: Iterable[Row]) -> str:
    """How many tries came to what, in a sentence."""
    total = sum((counts for row in rows for counts in row.cells.values()), Counter[str]())
    return f"{total.total()} tries: {shown(total)}, and {total['wrong']} tracebacks."


if __name__ == "__main__":
    sys.exit(main())
