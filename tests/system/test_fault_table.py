"""The table of operations × faults: each writing function has a row, and a short form of the table has no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.faults.layer import compiler
from benchmarks.faults.operations import OPERATIONS
from tests.shared.source_files import ROOT
from tests.shared.writing_verbs import FUNCTIONS, WRITES


def test_each_function_that_writes_has_a_row() -> None:
    verbs = {f"{store.__name__}.{verb}" for store, names in WRITES.items() for verb in names.split()}
    verbs |= {f"{module.__name__.rpartition('.')[2]}.{name}" for module, names in FUNCTIONS.items() for name in names}
    covered = {verb for operation in OPERATIONS for verb in operation.verbs.split()}
    assert verbs <= covered
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.skipif(compiler() is None, reason="the layer below the files needs Linux and a C compiler")
def test_no_operation_ends_with_a_traceback() -> None:
    command = [sys.executable, "-m", "benchmarks.faults", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert ", and 0 tracebacks" in done.stdout
