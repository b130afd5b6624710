"""Two properties of the processor that the lab is built around: bf16 in software, and threads that spin.

    python -m benchmarks.processor [--rounds 3]

1. The rate of a matrix product of a student's size in fp32 and in bf16.
2. Sentences per second of a 3-layer student's training with spinning (OMP_WAIT_POLICY=ACTIVE is libgomp's habit where it
   is not set) and with sleeping threads (PASSIVE, what labcore sets), alone and beside one other busy process; rounds in
   turn, medians.
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
SPIN = "while True: pass"


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


def train(sentences: int = 1280) -> float:
    """Sentences per second of one short lesson, in this process."""
    import torch

    from labcore.data.batches import Encoded, encode
    from labcore.data.tasks import load_task
    from labcore.distil.loop import distil
    from labcore.distil.targets import Targets
    from labcore.record import TrainStep
    from labcore.spec import Distil, KeepLayers
    from labcore.student.derive import derive
    from labcore.teacher.load import load_base, load_tokenizer

    task = load_task("reviews")
    whole = encode(load_tokenizer(), task.splits["train"], task.max_pieces)
    part, few = (Encoded(whole.pieces[:n], whole.labels[:n], whole.padding) for n in (sentences, 32))
    student = derive(load_base(2), [KeepLayers(layers=(1, 3, 5))])
    targets, few_targets = Targets(torch.randn(sentences, 2), None), Targets(torch.randn(32, 2), None)
    steps = [e for e in distil(student, part, few, targets, few_targets, Distil(epochs=1)) if isinstance(e, TrainStep)]
    first, last = steps[3], steps[-1]  # the first steps find memory and plans
    return (last.sentences - first.sentences) / (last.seconds - first.seconds)


def train_in_child(policy: str, busy: bool) -> float:
    """`train` in a process of its own, under this policy, with or without a process beside it that keeps a core busy."""
    neighbour = subprocess.Popen([sys.executable, "-c", SPIN]) if busy else None
    try:
        code = "from benchmarks.processor import train; print(train())"
        environment = os.environ | {"OMP_WAIT_POLICY": policy, "PYTHONPATH": str(ROOT)}
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
    print(f"matrix products: fp32 {fp32:.0f} GFLOP/s, bf16 {bf16:.1f} GFLOP/s, ratio {fp32 / bf16:.0f}")
    for busy in (False, True):
        rates: dict[str, list[float]] = {"ACTIVE": [], "PASSIVE": []}
        for _ in range(rounds):
            for policy, found in rates.items():
                found.append(train_in_child(policy, busy))
        active, passive = (statistics.median(found) for found in rates.values())
        where = "beside a busy process" if busy else "alone"
        print(
            f"training {where}: spinning {active:.0f}, sleeping {passive:.0f} sentences/s, ratio {passive / active:.2f}"
        )


if __name__ == "__main__":
    main()
