"""The grader of `count_parameters` on files with and without mistakes: which cases catch which mistake.

    python -m benchmarks.counters

Each file is written to a folder of its own and run as `python -m labcore grade mine.py` runs it.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from benchmarks.counters.right import RIGHT
from benchmarks.counters.sample import Right, Wrong
from benchmarks.counters.wrong import WRONG
from labcore.exercise.counting_check import CASES, check, load_counter


def missed(sample: Wrong | Right) -> list[str]:
    """The cases in which a sample's function is not right, in their order."""
    with tempfile.TemporaryDirectory() as folder, redirect_stderr(StringIO()):  # what the files print
        counter = load_counter(sample.written(Path(folder)))
        return [outcome.case for outcome in check(counter) if not outcome.passed]


def in_short(cases: list[str]) -> str:
    """The cases by their names, or all of them in a word."""
    return "every case" if len(cases) == len(CASES) else ", ".join(cases) or "no case"


def main() -> None:
    """Print each wrong function with the cases that caught it, then the right ones."""
    slowest = 0.0
    print("| wrong function | caught by |\n|---|---|")
    caught = 0
    for sample in WRONG:
        started = time.perf_counter()
        missed_cases = missed(sample)
        slowest = max(slowest, time.perf_counter() - started)
        caught += set(sample.cases) <= set(missed_cases)
        print(f"| {sample.name} | {in_short(missed_cases)} |", flush=True)
    print("\n| right function | result |\n|---|---|")
    passed = 0
    for right in RIGHT:
        started = time.perf_counter()
        missed_cases = missed(right)
        slowest = max(slowest, time.perf_counter() - started)
        passed += not missed_cases
        print(f"| {right.name} | {f'fails {in_short(missed_cases)}' if missed_cases else 'passes'} |", flush=True)
    print(f"\n{len(CASES)} cases; the slowest file took {slowest:.1f} s")
    print(f"{caught} of {len(WRONG)} wrong functions caught")
    print(f"{passed} of {len(RIGHT)} right ones passed")


if __name__ == "__main__":
    main()
