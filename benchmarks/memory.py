"""The memory and the time of a training, with the lab's two ways to keep a server small, and without them.

    python -m benchmarks.memory [--steps 240]

Each row is a process of its own that trains the same student of `reviews` (rank 32) in batches of 32. Memory is the
most that the process had at an event. Time is that of the processor from step 40 on, so other processes disturb it
little. The first process of a home computes the teacher's targets; all others read them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

from benchmarks.sources import ROOT

CACHE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
WARM_UP = 40  # steps
ROWS = {
    "both": ("64", True),
    "freed memory is kept": ("64", False),
    "oneDNN keeps 1,024 products": ("1024", True),
    "neither": ("1024", False),
}


def train(steps: int, give_back: bool) -> None:
    """Train in this process, and print its most memory in MB and its time in seconds."""
    from labcore.config.presets import PRESETS
    from labcore.config.spec import DistilConfig
    from labcore.results.events import TrainStep
    from labcore.runs.execute import execute_and_store
    from labcore.runs.freed_memory import FreedMemory
    from labcore.runs.store import Store
    from labcore.system.host import own_bytes

    store, freed = Store(), FreedMemory()
    spec = replace(PRESETS[1].spec, distil=DistilConfig(steps=steps))
    most, began, ended = 0, 0.0, 0.0
    for event in execute_and_store(spec, store.create(spec), store):
        if give_back:
            freed.give_back_if_due()
        most = max(most, own_bytes())
        if isinstance(event, TrainStep):
            ended = time.process_time()
            began = ended if event.step == WARM_UP else began
    print(most / 1e6, ended - began)


def main() -> None:
    """Train once for the targets, then once for each row, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--train", choices=("give back", "keep"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        train(options.steps, options.train == "give back")
        return
    with tempfile.TemporaryDirectory() as home:

        def measured(cache: str, give_back: bool, steps: int) -> tuple[float, float]:
            command = [sys.executable, "-m", "benchmarks.memory", "--steps", str(steps)]
            command += ["--train", "give back" if give_back else "keep"]
            environment = os.environ | {"LAB_HOME": home, CACHE: cache}
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
            megabytes, seconds = map(float, done.stdout.split()[-2:])
            return megabytes, seconds

        measured("64", True, WARM_UP + 1)
        print("| | MB at most | seconds of the processor |\n|---|---|---|")
        for name, (cache, give_back) in ROWS.items():
            megabytes, seconds = measured(cache, give_back, options.steps)
            print(f"| {name} | {megabytes:,.0f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
