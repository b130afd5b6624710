"""Measurements, each run as a module from the project's root: `python -m benchmarks.derive`."""

import os

import labcore  # noqa: F401  (sets how OpenMP's threads wait, which torch reads when it is first imported)

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as on the command line: no page waits
