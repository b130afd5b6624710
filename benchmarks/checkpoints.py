"""What checkpoints cost: their size, the time of a save, its fraction of the training, and the work at risk.

    python -m benchmarks.checkpoints [--seconds 60]

Cost and training are measured in one run: the saver's own seconds over those of the training with its validations. So
the figures need no second run on an equally busy machine. The work at risk is the longest time between two saves.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Manual, TrimVocabulary
from labcore.results.events import TrainStep
from labcore.runs import execute
from labcore.runs.checkpoint_saver import CheckpointSaver
from labcore.runs.store import Store
from labcore.system.processor import machine

STUDENTS = {
    "tiny: 128 wide, 7,600 tokens": (TrimVocabulary(size=7600), Manual(hidden=128, layers=2, heads=2, init="teacher")),
    "first preset": PRESETS[0].spec.steps,
    "the teacher itself": (),
}


class Measured(CheckpointSaver):
    """Notes each save of the last run. gaps: seconds between two of them. sizes: of the files, in bytes."""

    last: Measured

    def __init__(self, run_id: str, store: Store):
        super().__init__(run_id, store)
        self.gaps: list[float] = []
        self.sizes: list[int] = []
        self.before = time.perf_counter()
        Measured.last = self

    def save(self) -> None:
        """Save, and note when and how large."""
        super().save()
        path = self.store.checkpoint(self.run_id)
        self.sizes.append(0 if path is None else path.stat().st_size)
        now = time.perf_counter()
        self.gaps.append(now - self.before)
        self.before = now


def measure(steps: Spec, seconds: float) -> tuple[Measured, float]:
    """Train a student for so long; returns its saver, and the seconds of training with validations and saves."""
    execute.CheckpointSaver = Measured  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as home:
        store = Store(Path(home))
        elapsed = 0.0
        for event in execute.execute_and_store(steps, store.create(steps), store):
            if isinstance(event, TrainStep):
                if event.step == 1:
                    Measured.last.before = time.perf_counter()
                elapsed = event.elapsed
    return Measured.last, elapsed


def main() -> None:
    """Measure each student, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each training")
    options = parser.parse_args()
    print(machine())
    print("| student | checkpoint, MB | saves | seconds a save | of the time | longest gap, seconds |")
    print("|---|---|---|---|---|---|")
    for name, steps in STUDENTS.items():
        spec = Spec(steps=steps, distil=replace(DistilConfig(), seconds=options.seconds))
        saver, elapsed = measure(spec, options.seconds)
        size, saves = max(saver.sizes, default=0) / 1e6, max(1, saver.saves)
        print(
            f"| {name} | {size:,.0f} | {saver.saves} | {saver.seconds / saves:.3f} | {saver.seconds / elapsed:.1%} | "
            f"{max(saver.gaps, default=elapsed):.1f} |"
        )


if __name__ == "__main__":
    main()
