"""Wall time of the tests that `make test` runs: as the machine is, then with every core kept busy by another process.

python -m benchmarks.suite                # once as it is, three times busy
python -m benchmarks.suite --busy 1
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.processor import BUSY
from benchmarks.sources import ROOT
from labcore.system.processor import machine

SUITE = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]  # as in the Makefile


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy within the block."""
    loads = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for load in loads:
            load.kill()
            load.wait()


def timed() -> tuple[float, str]:
    """Seconds that the tests took, and pytest's last line."""
    start = time.monotonic()
    done = subprocess.run(SUITE, cwd=ROOT, capture_output=True, text=True, check=False)
    return time.monotonic() - start, done.stdout.strip().splitlines()[-1].strip("= ")


def main() -> None:
    """Print the wall time of each run."""
    parser = argparse.ArgumentParser(description="Measure the wall time of the tests of make test.")
    parser.add_argument("--idle", type=int, default=1, metavar="N", help="runs on the machine as it is (default: 1)")
    parser.add_argument("--busy", type=int, default=3, metavar="N", help="runs with all cores busy (default: 3)")
    options = parser.parse_args()
    print(machine())
    for _ in range(options.idle):
        print("as it is:  {:4.0f} s  {}".format(*timed()), flush=True)
    with busy_cores():
        for _ in range(options.busy):
            print("all busy:  {:4.0f} s  {}".format(*timed()), flush=True)


if __name__ == "__main__":
    main()
