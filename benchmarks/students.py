"""Five students of the teacher `reviews`, distilled one after another: size, retention, agreement, time.

    python -m benchmarks.students [--seeds 1] [--epochs 3] [--home DIR]

Each run uses the spec's defaults but for its step and its epochs (hard 0.2, soft 0.8, τ = 2). Accuracy is on the test
split, with its binomial standard error; `seconds` is the whole run, without the teacher's pass if that was cached.
"""

from __future__ import annotations

import argparse
import math
import platform
import tempfile
from pathlib import Path

import torch

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, Step
from labcore.data.tasks import load_task
from labcore.distil.precision import hardware_bf16
from labcore.results.events import Finished
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store

STUDENTS: dict[str, Step] = {
    "even 3 layers": KeepLayers(layers=(1, 3, 5)),
    "rank 64": Factorise(64),
    "50 % sparse": Prune(0.5),
    "80 % sparse": Prune(0.8),
    "manual half, random start": Manual(),
}


def main() -> None:
    """Run every student with every seed and print a table as they finish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1, help="runs of each student (default 1)")
    parser.add_argument("--epochs", type=int, default=3, help="passes over the training examples (default 3)")
    parser.add_argument("--home", type=Path, help="keep the runs here (default: a temporary folder)")
    options = parser.parse_args()
    store = Store(options.home or Path(tempfile.mkdtemp()))
    n = len(load_task("reviews").splits["test"])
    precision = "bf16 in hardware" if hardware_bf16() else "fp32"
    print(
        f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads, {precision}, torch "
        f"{torch.__version__}"
    )
    print(
        "| student | seed | size | non-zero | teacher | accuracy ± 1 SE | retention | agreement | sentences/s | "
        "seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, step in STUDENTS.items():
        for seed in range(options.seeds):
            spec = Spec(steps=(step,), distil=DistilConfig(seed=seed, epochs=options.epochs))
            run_id = store.create(spec)
            *_, last = execute_and_store(spec, run_id, store)
            assert isinstance(last, Finished)
            counts = store.read(run_id).counts
            assert counts is not None
            teacher, accuracy = last.teacher_accuracy, last.accuracy
            print(
                f"| {name} | {seed} | {counts.ratio:.1%} | {counts.nonzero_ratio:.1%} | {teacher:.4f} | "
                f"{accuracy:.4f} ± {math.sqrt(accuracy * (1 - accuracy) / n):.4f} | {last.retention:.1%} | "
                f"{last.agreement:.1%} | {last.examples_per_second:.0f} | {last.seconds:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
