"""One contender in a process of its own, timed by the batches that it asks for: for `benchmarks.throughput`.

    python -m benchmarks.peers.timed CONTENDER FOLDER shuffled|bucketed [--bf16]

Reads a number N from its input, lets the contender's own loop take N batches, and when it asks for one more, so that
N steps are finished, prints a line of JSON: sentences, seconds, the batches' shapes, and by how many MB the resident
set rose at its peak over what it was before training (Linux). Then it reads the next number, until its input ends.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import torch

from benchmarks.peers import training_data
from benchmarks.peers.loops import LOOPS, Inputs, Loader
from labcore.compress.student import Student
from labcore.config.spec import DistilConfig
from labcore.data.batches import Batch, Encoded
from labcore.distil.targets import Targets
from labcore.distil.train import distil
from labcore.results.events import TrainStep

MANY = 100_000  # steps that a schedule may expect: more than are ever asked for


class Report:
    """Where the JSON goes, and the memory that was held when it was made."""

    def __init__(self, out: TextIO):
        self.out = out
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # or what was freed while loading would take in what training needs
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins again
        self.held = _kilobytes("VmRSS")

    def __call__(self, seconds: float, shapes: list[list[int]]) -> None:
        rise = (_kilobytes("VmHWM") - self.held) / 1024
        report = {"sentences": sum(rows for rows, _ in shapes), "seconds": seconds, "rss_mb": rise, "shapes": shapes}
        print(json.dumps(report), file=self.out, flush=True)


def _kilobytes(field: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1])


def commanded(batches: Iterator[Batch], report: Report) -> Iterator[Inputs]:
    """For each line of the input, that number of batches; reports the time until the request after the last."""
    for line in sys.stdin:
        shapes, began = [], time.perf_counter()
        for batch in itertools.islice(batches, int(line)):
            shapes.append(list(batch.ids.shape))
            yield training_data.inputs(batch)
        report(time.perf_counter() - began, shapes)


def lab(folder: Path, train: Encoded, batches: Iterator[Batch], out: TextIO) -> None:
    """The lab's own loop, which is a generator of events: advanced by the number of steps in each line.

    `batches` are the ones that it reads, for their shapes alone.
    """
    student, logits = Student(training_data.model(folder, "student")), torch.load(folder / "logits.pt")
    few = Encoded(train.tokens[:8], train.labels[:8], train.padding)  # nothing is learnt from validating
    events = distil(student, train, few, Targets(logits, None), Targets(logits[:8], None), DistilConfig(epochs=1000))
    steps = (event for event in events if isinstance(event, TrainStep))
    report = Report(out)
    for line in sys.stdin:
        began = time.perf_counter()
        taken = sum(1 for _ in itertools.islice(steps, int(line)))
        seconds = time.perf_counter() - began
        report(seconds, [list(batch.ids.shape) for batch in itertools.islice(batches, taken)])


def main() -> None:
    """Load, and follow the input."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("contender", choices=["lab", *LOOPS])
    parser.add_argument("folder", type=Path)
    parser.add_argument("batches", choices=["shuffled", "bucketed"])
    parser.add_argument("--bf16", action="store_true")
    options = parser.parse_args()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a peer prints is no report
    train = training_data.reviews("train")
    if options.contender == "lab":
        lab(options.folder, train, training_data.bucketed(train, DistilConfig().seed), out)
        return
    teacher, student = (training_data.model(options.folder, which) for which in ("teacher", "student"))
    batches = getattr(training_data, options.batches)(train, 0)
    precision = torch.autocast("cpu", torch.bfloat16) if options.bf16 else contextlib.nullcontext()
    with precision:
        LOOPS[options.contender](teacher, student, Loader(commanded(batches, Report(out)), MANY), 1e-4)


if __name__ == "__main__":
    main()
