"""Faults injected into every write of the lab: a table of operations × faults, and what came of each.

    python -m benchmarks.faults                      # every write of every operation fails once
    python -m benchmarks.faults --most 6             # at most six of the writes of each, from the first to the last
    python -m benchmarks.faults --quick              # four faults, each at one of the writes
    python -m benchmarks.faults --only "rename a run"

`layer.c` stands between the process and its files (LD_PRELOAD), so SQLite's own writes fail as Python's do. It needs a
C compiler and Linux. A cell counts what came of each try:

- done: the fault was no matter, and all of the operation is there;
- clear: an error with a sentence of its own (`labcore.system.faults`), and everything is as it was before;
- killed: the process was killed at a write; everything is as before or as after, nothing in between.

Then the fault goes, and the operation must work. Anything else is a fault of the lab, and the command exits with 1.
"""
