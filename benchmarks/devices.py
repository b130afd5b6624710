"""The same training on each device of this machine: examples per second, memory, and accuracy.

    python -m benchmarks.devices [--steps 200] [--rounds 3] [--batch 32]

The student has 3 of the 6 layers of `reviews`. It learns from the teacher's targets, made once, in the precision of its
device. The rate leaves out validations. Rounds are interleaved, the first one is a warm-up. The
memory is the most that torch held on a GPU; for the processor, that of this process at the end.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from statistics import median

import psutil
import torch

from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.data.batches import Encoded
from labcore.distil.targets import Targets
from labcore.distil.train import distil
from labcore.evaluate.metrics import accuracy, predict
from labcore.results.events import TrainStep
from labcore.runs.teacher_models import load_for, tokenizer_for
from labcore.runs.training_data import sample
from labcore.system import processor

VALIDATED = 128  # examples


@dataclass(frozen=True)
class Measured:
    """examples_per_second: of training. memory_bytes: at most. accuracy: of the student on examples of its training."""

    examples_per_second: float
    memory_bytes: int
    accuracy: float


def measure(device: str, steps: int, batch: int, examples: int = 640) -> Measured:
    """Train on one device. Raises SpecError if it is not here."""
    processor.choose(device)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    config = DistilConfig(steps=steps, batch_size=batch, soft=0.8, hard=0.2, hidden=0.1)
    spec = Spec(teacher="reviews", task="reviews", steps=(KeepLayers(count=3),), distil=config)
    teacher = load_for("reviews", "reviews")
    data = sample(spec, teacher, tokenizer_for("reviews"), None, examples)
    train, targets = data.encoded["train"], data.targets["train"]
    student = derive(teacher, spec.steps)
    few = Encoded(train.tokens[:VALIDATED], train.labels[:VALIDATED], train.padding)
    of_teacher = Targets(targets.logits[:VALIDATED], None)
    events = distil(student, train, few, targets, of_teacher, config, teacher=data.teacher)
    last = [event for event in events if isinstance(event, TrainStep)][-1]
    held = torch.cuda.max_memory_allocated() if device == "cuda" else psutil.Process().memory_info().rss
    if device == "mps":
        held = torch.mps.driver_allocated_memory()
    return Measured(last.examples / last.seconds, held, accuracy(predict(student.model, few), few.labels))


def main() -> None:
    """Measure every device, and print a table with the ratios to the processor."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    rounds: dict[str, list[Measured]] = defaultdict(list)
    for _ in range(options.rounds + 1):
        for device in processor.present():
            rounds[device].append(measure(device, options.steps, options.batch))
    base = median(each.examples_per_second for each in rounds[processor.HOST][1:])
    print("| machine | examples a second | ratio | memory, GB | accuracy |\n|---|---|---|---|---|")
    for device, measured in rounds.items():
        processor.choose(device)
        rate = median(each.examples_per_second for each in measured[1:])
        memory = max(each.memory_bytes for each in measured) / 1e9
        print(
            f"| {processor.machine()} | {rate:,.0f} | {rate / base:.2f} | {memory:.2f} | {measured[-1].accuracy:.3f} |"
        )


if __name__ == "__main__":
    main()
