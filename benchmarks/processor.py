"""Two properties of the processor that the lab is built around: the rate of bf16, and how long threads spin.

    python -m benchmarks.processor [--rounds 3]

1. The rate of a matrix product of a student's size in fp32 and in bf16.
2. Examples per second of a small student's training (half of everything), by the spins of a waiting OpenMP thread
   before it sleeps: GOMP_SPINCOUNT under OMP_WAIT_POLICY=PASSIVE, and libgomp's own default. The machine is quiet, or
   one other process keeps it busy. Rounds in turn, medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUSY = "while True: pass"
SPINS = ("0", "1000", "10000", "100000", None)  # None: libgomp's own


def matrix_rate(dtype_name: str) -> float:
    """GFLOP/s of (800 × 384) times (384 × 1536)."""
    import torch

    dtype = getattr(torch, dtype_name)
    a, b = torch.randn(800, 384).to(dtype), torch.randn(384, 1536).to(dtype)
    a @ b
    started, times = time.perf_counter(), 0
    while time.perf_counter() - started < 1:
        a @ b
        times += 1
    return 2 * 800 * 384 * 1536 * times / (time.perf_counter() - started) / 1e9


def train(examples: int = 2560) -> float:
    """Examples per second of one short training run, in this process."""
    import torch

    from labcore.compress.derive import derive
    from labcore.config.spec import DistilConfig
    from labcore.config.steps import Manual
    from labcore.data.batches import Encoded, encode
    from labcore.data.tasks import load_task
    from labcore.distil.targets import Targets
    from labcore.distil.train import distil
    from labcore.results.events import TrainStep
    from labcore.teacher.load import load_base, load_tokenizer

    task = load_task("reviews")
    encoded = encode(load_tokenizer(), task.splits["train"], task.max_tokens)
    part, few = (Encoded(encoded.tokens[:n], encoded.labels[:n], encoded.padding) for n in (examples, 32))
    student = derive(load_base(2), [Manual(hidden=192, layers=3, heads=6, intermediate=768)])
    targets, few_targets = Targets(torch.randn(examples, 2), None), Targets(torch.randn(32, 2), None)
    steps = [
        e for e in distil(student, part, few, targets, few_targets, DistilConfig(epochs=1)) if isinstance(e, TrainStep)
    ]
    first, last = steps[3], steps[-1]  # the first steps find memory and plans
    return (last.examples - first.examples) / (last.seconds - first.seconds)


def train_in_child(spins: str | None, busy: bool) -> float:
    """`train` in a process whose threads spin `spins` times. busy: another process keeps a core busy meanwhile."""
    neighbour = subprocess.Popen([sys.executable, "-c", BUSY]) if busy else None
    try:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        code = "from benchmarks.processor import train; print(train())"
        if spins is None:
            code = f"import torch; {code}"  # before labcore sets anything
            for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
                environment.pop(name, None)
        else:
            environment |= {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": spins}
        child = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
        )
        return float(child.stdout)
    finally:
        if neighbour is not None:
            neighbour.kill()
            neighbour.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    fp32, bf16 = matrix_rate("float32"), matrix_rate("bfloat16")
    print(f"matrix products: fp32 {fp32:.0f} GFLOP/s, bf16 {bf16:.1f} GFLOP/s")
    print("\n| spins before sleep | quiet machine | beside a busy process |\n|---|---|---|")
    rates: dict[tuple[str | None, bool], list[float]] = {(spins, busy): [] for spins in SPINS for busy in (False, True)}
    for _ in range(rounds):
        for (spins, busy), measured in rates.items():
            measured.append(train_in_child(spins, busy))
    for spins in SPINS:
        quiet, beside = (statistics.median(rates[spins, busy]) for busy in (False, True))
        print(f"| {f'{int(spins):,}' if spins else 'as libgomp does'} | {quiet:.0f} | {beside:.0f} |")


if __name__ == "__main__":
    main()
