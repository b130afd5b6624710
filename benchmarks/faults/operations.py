"""Every operation of the lab that writes: the rows of the table."""

from __future__ import annotations

from benchmarks.faults import command_operations, home_operations, run_operations, search_operations

OPERATIONS = (
    *run_operations.OPERATIONS,
    *search_operations.OPERATIONS,
    *home_operations.OPERATIONS,
    *command_operations.OPERATIONS,
)
