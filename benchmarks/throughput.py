"""How fast the lab trains, beside the field's own loops and beside this processor's own matrix products.

    python -m benchmarks.throughput --peers /tmp/peers/bin/python [--students even3,half] [--rounds 5] [--steps 40]

The contenders are TextBrewer, with logits only and with hidden states as in its README; torchdistill's DistillationBox;
and transformers' Trainer with the copied KD loss (`benchmarks.peers.loops`). Each runs in a process of its own, whose
Python (`--peers`) is that of `benchmarks/peers/requirements.txt`. `plain` is a loop without a teacher. Every process
waits while another trains; rounds go through all of them in turn, after 5 steps each that are not counted. All train
on the training examples, 32 in a batch, on as many threads, which wait as on the lab's command line.

- as they come: shuffled batches padded to their longest, fp32, the teacher in the loop. The lab uses its own
  buckets of like lengths and cached targets; a line above the table has the time that they took.
- equal batches: every contender reads the lab's batches, in the lab's precision (bf16 if the processor has it). What
  is left is the loop: for `plain` the model's own work, for the peers the teacher's forward pass as well.

Sentences/s: median over the rounds. MB: the resident set's peak over what is held before training. `lab is`: the lab's
rate over the contender's in the same round, median (least to most). Of torch.mm: matrix products' operations of a
training step in a second, over those of torch.mm at 2048² in the same round and precision. A step has three times its
forward pass, counted on the batches' real widths, padding included. The lab's last layer
computes [CLS] only, so fewer are counted for it. Element-wise work is never counted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.peers import training_data
from benchmarks.peers.loops import LOOPS
from benchmarks.step import STUDENTS
from labcore.count.cost import macs
from labcore.distil.precision import hardware_bf16
from labcore.distil.targets import compute_targets
from labcore.models import encoder
from labcore.models.architecture import Structure
from labcore.models.structure import build, structure_of
from labcore.runs.cache import cached_teacher
from labcore.system.progress import finish

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {"as they come": "shuffled", "equal batches": "bucketed"}
WARM_UP = 5
SIDE = 2048

Report = dict[str, Any]


class Contender:
    """A process that takes steps on request, see `benchmarks.peers.timed`."""

    def __init__(self, name: str, python: str, folder: Path, batches: str, bf16: bool):
        """bf16: a peer trains in bf16 and not in fp32; the lab chooses its own precision."""
        self.name, self.precision = name, "bf16" if bf16 else "fp32"
        self.log = (folder / f"{name}.log").open("w+")
        command = [
            python,
            "-m",
            "benchmarks.peers.timed",
            name,
            str(folder),
            batches,
            *(["--bf16"] if bf16 and name != "lab" else []),
        ]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=self.log, text=True)

    def take(self, steps: int) -> Report:
        """Its report when they are finished."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(steps, file=self.process.stdin, flush=True)
        report = self.process.stdout.readline()
        if not report:
            self.log.seek(0)
            sys.exit(f"{self.name} ended:\n{self.log.read()[-2000:]}")
        return json.loads(report)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def rounds_of(contenders: list[Contender], rounds: int, steps: int) -> dict[str, list[Report]]:
    """Each contender's reports, with the rate of `torch.mm` in its precision in the same round."""
    for contender in contenders:
        contender.take(WARM_UP)
    reports_of: dict[str, list[Report]] = defaultdict(list)
    for _ in range(rounds):
        products = {precision: product_rate(precision) for precision in {c.precision for c in contenders}}
        for contender in contenders:
            report = contender.take(steps)
            rates = {"rate": report["sentences"] / report["seconds"], "product": products[contender.precision]}
            reports_of[contender.name].append(report | rates)
    return reports_of


def product_rate(precision: str) -> float:
    """Floating-point operations in a second of (2048 × 2048) times (2048 × 2048), over about a second."""
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    a, b = (torch.randn(SIDE, SIDE).to(dtype) for _ in range(2))
    torch.mm(a, b)
    began, times = time.perf_counter(), 0
    while time.perf_counter() - began < 1:
        torch.mm(a, b)
        times += 1
    return 2 * SIDE**3 * times / (time.perf_counter() - began)


@cache
def lab_macs(structure: Structure, tokens: int) -> int:
    """Multiply-accumulates of the lab's own forward pass over one example: the last layer computes [CLS] only."""
    student = build(structure).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        encoder.forward(student, torch.zeros(1, tokens, dtype=torch.long, device="meta"), None)
    return counter.get_total_flops() // 2


@cache
def plain_macs(structure: Structure, tokens: int) -> int:
    """Multiply-accumulates of a whole forward pass over one example."""
    return macs(build(structure), tokens)


COUNTED: dict[str, Callable[[Structure, int], int]] = {"lab": lab_macs, "plain": plain_macs}


def operations(report: Report, structure: Structure, count: Callable[[Structure, int], int]) -> int:
    """Floating-point operations of the steps' matrix products: forward, and twice that backward."""
    return sum(3 * 2 * rows * count(structure, width) for rows, width in report["shapes"])


def table(student: str, setting: str, reports_of: dict[str, list[Report]], structure: Structure) -> None:
    """Print a row for each contender."""
    lab_rates = [report["rate"] for report in reports_of["lab"]]
    for name, reports in reports_of.items():
        ratios = [a / b["rate"] for a, b in zip(lab_rates, reports, strict=True)]
        spread = "" if name == "lab" else f"{statistics.median(ratios):.2f} × ({min(ratios):.2f} to {max(ratios):.2f})"
        share = ""
        if count := COUNTED.get(name):
            rates = [operations(report, structure, count) / report["seconds"] for report in reports]
            products = [report["product"] for report in reports]
            shares = [rate / product for rate, product in zip(rates, products, strict=True)]
            own, possible = (statistics.median(each) / 1e9 for each in (rates, products))
            share = f"{own:.0f} of {possible:.0f} GFLOP/s, {statistics.median(shares):.0%}"
        rate, rise = statistics.median(report["rate"] for report in reports), reports[-1]["rss_mb"]
        print(f"| {student} | {setting} | {name} | {rate:.0f} | {rise:.0f} | {spread} | {share} |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=sys.executable, help="Python of the peers' environment (default: this one)")
    parser.add_argument("--students", default=",".join(STUDENTS), help="which students (default %(default)s)")
    parser.add_argument("--settings", default=",".join(SETTINGS), help="which settings (default %(default)s)")
    parser.add_argument("--contenders", default=",".join(LOOPS), help="beside the lab (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="through all contenders (default 5)")
    parser.add_argument("--steps", type=int, default=40, help="of each contender in a round (default 40)")
    options = parser.parse_args()
    print(
        f"{torch.get_num_threads()} threads, torch {torch.__version__}, {options.rounds} rounds of {options.steps} "
        "steps\n"
    )
    logits, seconds = teacher_logits()
    print(f"The teacher read the {len(logits)} training examples once, in {seconds:.0f} s.\n")
    print("| student | setting | contender | sentences/s | MB | lab is | of torch.mm |\n|---|---|---|---|---|---|---|")
    for student in options.students.split(","):
        for setting in options.settings.split(","):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                training_data.lay_out(folder, student)
                torch.save(logits, folder / "logits.pt")
                lab_bf16 = hardware_bf16()
                peer_bf16 = lab_bf16 and SETTINGS[setting] == "bucketed"
                contenders = [Contender("lab", sys.executable, folder, "bucketed", lab_bf16)]
                contenders += [
                    Contender(peer, options.peers, folder, SETTINGS[setting], peer_bf16)
                    for peer in options.contenders.split(",")
                ]
                try:
                    reports_of = rounds_of(contenders, options.rounds, options.steps)
                finally:
                    for contender in contenders:
                        contender.end()
                table(student, setting, reports_of, structure_of(training_data.model(folder, "student")))


def teacher_logits() -> tuple[torch.Tensor, float]:
    """The teacher's logits of the training examples, and the seconds that they took."""
    train, began = training_data.reviews("train"), time.perf_counter()
    targets = finish(compute_targets(cached_teacher("reviews"), train, states=False, bf16=hardware_bf16()))
    return targets.logits, time.perf_counter() - began


if __name__ == "__main__":
    main()
