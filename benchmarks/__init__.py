"""Measurements, each run as a module from the project's root: `python -m benchmarks.derive`."""

import labcore.__main__  # noqa: F401  (sets how OpenMP's threads wait, as on the command line: torch reads it when first imported)
