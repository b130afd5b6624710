"""The costs of ten students of `reviews`, and their accuracy before any training; and designs of larger BERTs.

    python -m benchmarks.capacity [--fast]

Parameters, multiply-accumulates for an example of 128 tokens, stored bytes and measured time are four different
costs. Time is the median (95th percentile) of fp32 forward passes over 128 tokens on this machine; `--fast` leaves it
out. Accuracy is on the validation split, with its binomial standard error, of the student as it was derived.
"""

from __future__ import annotations

import argparse
import math

import torch

from labcore.compress.derive import derive
from labcore.config.spec import Spec
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import accuracy, predict
from labcore.runs.cache import cached_teacher, calibration_for, counted, latency
from labcore.views.words import student_in_words

TEN: tuple[tuple[Step, ...], ...] = (
    (KeepLayers(layers=(1, 3, 5)),),
    (PruneHeads(6, "taylor"),),
    (PruneNeurons(768, "taylor"),),
    (Factorise(64),),
    (Factorise(64, method="activation"),),
    (Factorise(energy=0.8),),
    (Prune(0.5),),
    (Prune(0.5, pattern="2:4"),),
    (TrimVocabulary(task=True), FactoriseEmbeddings(128)),
    (Manual(init="teacher"),),
)
LARGER: tuple[tuple[Step, ...], ...] = (
    (),
    (KeepLayers(count=6),),
    (PruneHeads(6), PruneNeurons(1536)),
    (Factorise(128),),
    (Manual(),),
    (Prune(0.9, "global"),),
)


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fast", action="store_true", help="leave out the measured times")
    fast = parser.parse_args().fast
    threads = torch.get_num_threads()
    print("### Ten students of `reviews`, before training\n")
    print("| student | parameters | not zero | M multiply-accumulates | MB fp32 | fp16 | int8 | sparse "
          f"| ms, batch 1, {threads} threads | ms, batch 32 | validation accuracy ± 1 SE |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    for steps in ((), *TEN):
        print(_row(Spec(steps=steps), fast), flush=True)
    for teacher in ("bert-base-uncased", "bert-large-uncased"):
        print(f"\n### Designs of `{teacher}`\n")
        print("| student | parameters | of the teacher | not zero | G multiply-accumulates |\n|---|---|---|---|---|")
        for steps in LARGER:
            comparison = counted(Spec(teacher=teacher, steps=steps))
            student = comparison.student
            assert student.cost is not None
            print(
                f"| {student_in_words(Spec(steps=steps))} | {student.total:,} | {comparison.ratio:.1%} | "
                f"{student.nonzero:,} | {student.cost.macs / 1e9:.2f} |",
                flush=True,
            )


def _row(spec: Spec, fast: bool) -> str:
    counts = counted(spec).student
    cost = counts.cost
    assert cost is not None
    times = ["–", "–"]
    if not fast:
        measured = [latency(spec, batch, cost.tokens) for batch in (1, 32)]
        times = [f"{m.median_ms:.1f} ({m.p95_ms:.1f})" for m in measured]
    calibration = calibration_for(spec.teacher, spec.task)
    student = derive(cached_teacher(spec.teacher), spec.steps, calibration)
    task = load_task(spec.task)
    validation = encode(trimmed(calibration.tokenizer, student.vocabulary), task.splits["validation"], task.max_tokens)
    right = accuracy(predict(student.model, validation), validation.labels)
    error = math.sqrt(right * (1 - right) / len(validation))
    stored = " | ".join(f"{size / 1e6:.1f}" for size in cost.bytes.values())
    return (
        f"| {student_in_words(spec)} | {counts.total:,} | {counts.nonzero:,} | {cost.macs / 1e6:,.0f} | {stored} | "
        f"{' | '.join(times)} | {right:.4f} ± {error:.4f} |"
    )


if __name__ == "__main__":
    main()
