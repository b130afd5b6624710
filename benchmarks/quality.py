"""What a fixed time of training makes of the same student: the lab's defaults beside the field's own recipes.

    python -m benchmarks.quality --peers /tmp/peers/bin/python [--budget 180] [--seeds 3] [--students even3,half]

Every contender starts from the same derived student and has the same wall time, training examples and batches of 32. At
the end it is evaluated on the test examples. Recipes and loops are those of `benchmarks.peers.loops`;
`benchmarks/peers/requirements.txt` describes their environment (`--peers` is its Python).

- peers: shuffled batches padded to their longest, the teacher in the loop. Schedule of their example, over the steps
  that fit into the budget by a measurement of ten, which is not counted. Of two learning rates, their example's and the
  lab's for this student, the better by validation accuracy with seed 0. Evaluated as they end.
- plain: no teacher, true labels alone; the same with a usual learning rate in place of an example's.
- lab: `DistilConfig(seconds=…)`, else its defaults. The budget includes the teacher's one pass over training and
  validation examples, and the lab's validations. Evaluated with its best weights on validation.

Accuracy: mean ± standard deviation over the seeds. Retention: of the teacher's accuracy.
Sentences: examples seen, median.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from benchmarks.peers import training_data
from benchmarks.step import STUDENTS
from labcore.compress.derive import derive
from labcore.evaluate.metrics import accuracy, predict
from labcore.runs.cache import cached_teacher

ROOT = Path(__file__).resolve().parents[1]
RATES = {  # of their examples; the Trainer's is made for batches of 128
    "TextBrewer": 1e-4,
    "TextBrewer+hidden": 1e-4,
    "torchdistill": 1e-4,
    "Trainer": 6e-5,
    "plain": 5e-5,
}

Report = dict[str, Any]


def training(name: str, python: str, student: str, budget: float, seed: int, rate: float) -> Report:
    """The report of `benchmarks.peers.distillation` on one contender, seed and learning rate."""
    with tempfile.TemporaryDirectory() as folder:
        training_data.lay_out(Path(folder), student, seed)
        command = [python, "-m", "benchmarks.peers.distillation", name, folder, "--student", student]
        command += ["--budget", str(budget), "--seed", str(seed), "--rate", str(rate)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def trainings(name: str, python: str, student: str, budget: float, seeds: int) -> tuple[float, list[Report]]:
    """The learning rate that it takes, and its reports, by seed."""
    derived_rate = derive(cached_teacher("reviews"), [STUDENTS[student]]).learning_rate
    rates = {derived_rate} if name == "lab" else {RATES[name], derived_rate}
    first = {rate: training(name, python, student, budget, 0, rate) for rate in sorted(rates)}
    rate = max(first, key=lambda rate: first[rate]["validation"])
    return rate, [first[rate], *(training(name, python, student, budget, seed, rate) for seed in range(1, seeds))]


def main() -> None:
    """Train every student by every contender and print a table as they finish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=sys.executable, help="Python of the peers' environment (default: this one)")
    parser.add_argument("--budget", type=float, default=180.0, help="seconds of each training run (default 180)")
    parser.add_argument("--seeds", type=int, default=3, help="training runs of each contender (default 3)")
    parser.add_argument("--students", default=",".join(STUDENTS), help="which students (default %(default)s)")
    parser.add_argument(
        "--contenders", default=",".join(["lab", *RATES]), help="which contenders (default %(default)s)"
    )
    options = parser.parse_args()
    test = training_data.reviews("test")
    teacher = accuracy(predict(cached_teacher("reviews"), test), test.labels)
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}, {options.budget:g} s, {options.seeds} seeds")
    print(f"The teacher is right on {teacher:.4f} of the {len(test)} test examples.\n")
    print(
        "| student | contender | learning rate | accuracy | retention | sentences | steps "
        "|\n|---|---|---|---|---|---|---|"
    )
    for student in options.students.split(","):
        for name in options.contenders.split(","):
            python = sys.executable if name == "lab" else options.peers
            rate, reports = trainings(name, python, student, options.budget, options.seeds)
            right = [report["test"] for report in reports]
            examples, steps = (statistics.median(report[what] for report in reports) for what in ("sentences", "steps"))
            deviation = statistics.stdev(right) if len(right) > 1 else 0.0
            print(
                f"| {student} | {name} | {rate:g} | "
                f"{statistics.mean(right):.4f} ± {deviation:.4f} | {statistics.mean(right) / teacher:.1%} | "
                f"{examples:,.0f} | {steps:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
