"""Where the time of one optimiser step goes: the lab's training run, and the same student in a plain loop.

    python -m benchmarks.step [--steps 30] [--students even3,half]

plain: transformers' forward with dropout and its default attention, a dense gradient for the word embeddings, AdamW.
Both read the same length buckets of 32 examples, with no teacher in the loop. Shares are of torch's own time on the
processor (`torch.profiler`); examples per second are measured without the profiler.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator

import torch
from torch.nn.functional import cross_entropy
from torch.profiler import ProfilerActivity, profile

from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.config.spec import DistilConfig
from labcore.config.steps import KeepLayers, Manual, Step
from labcore.data.batches import Encoded, encode, training_batches
from labcore.data.tasks import load_task
from labcore.distil.targets import Targets
from labcore.distil.train import distil
from labcore.models import encoder
from labcore.results.events import TrainStep
from labcore.teacher.load import load_teacher, load_teacher_tokenizer

STUDENTS: dict[str, Step] = {
    "even3": KeepLayers(layers=(1, 3, 5)),
    "half": Manual(hidden=192, layers=3, heads=6, intermediate=768),
}
KINDS = {
    "matrix products": ("mm", "addmm", "bmm"),
    "dropout masks": ("bernoulli_", "native_dropout"),
    "setting to zero": ("fill_", "zero_", "zeros"),
    "optimiser": ("_fused_adamw_", "addcdiv_", "addcmul_", "sqrt", "sparse_mask"),
    "gradient's length": ("linalg_vector_norm", "stack"),
    "attention kernel": ("_scaled_dot_product_flash_attention_for_cpu", "_softmax", "_softmax_backward_data"),
    "gelu and LayerNorm": ("gelu", "gelu_backward", "native_layer_norm", "native_layer_norm_backward"),
    "word embeddings": ("index_select", "embedding_dense_backward", "index", "index_add_", "_coalesce"),
}


def training(student: Student, train: Encoded, few: Encoded) -> Iterator[int]:
    """The lab's own steps; yields how many sentences each had."""
    logits = encoder.forward(student.model, torch.zeros(1, 2, dtype=torch.long), None).logits
    targets, some = (Targets(torch.randn(len(part), logits.shape[1]), None) for part in (train, few))
    before = 0
    for event in distil(student, train, few, targets, some, DistilConfig(epochs=1000)):
        if isinstance(event, TrainStep):
            yield event.examples - before
            before = event.examples


def plain(student: Student, train: Encoded, few: Encoded) -> Iterator[int]:
    """A loop as one would write it, on true labels alone."""
    model = student.model.train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-4)
    order = torch.Generator().manual_seed(0)
    for batch in itertools.chain.from_iterable(training_batches(train, 32, order) for _ in itertools.count()):
        mask = batch.ids != train.padding
        loss = cross_entropy(model(input_ids=batch.ids, attention_mask=mask.long()).logits, batch.labels)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        yield len(batch.labels)


LOOPS: dict[str, Callable[[Student, Encoded, Encoded], Iterator[int]]] = {"plain": plain, "lab": training}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--students", default=",".join(STUDENTS))
    options = parser.parse_args()

    teacher, tokenizer, task = load_teacher("reviews"), load_teacher_tokenizer("reviews"), load_task("reviews")
    train = encode(tokenizer, task.splits["train"], task.max_tokens)
    few = Encoded(train.tokens[:8], train.labels[:8], train.padding)
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}, {options.steps} steps\n")
    kinds = [*KINDS, "all else"]
    print(f"| student | loop | sentences/s | ms a step | {' | '.join(kinds)} |\n|---|---|---|---|{'---|' * len(kinds)}")
    for name in options.students.split(","):
        for loop, make in LOOPS.items():
            steps = make(derive(teacher, [STUDENTS[name]]), train, few)
            for _ in itertools.islice(steps, 10):
                pass
            began = time.perf_counter()
            examples = sum(itertools.islice(steps, options.steps))
            seconds = time.perf_counter() - began
            with profile(activities=[ProfilerActivity.CPU]) as profiled:
                for _ in itertools.islice(steps, options.steps):
                    pass
            shares = _shares({entry.key: entry.self_cpu_time_total for entry in profiled.key_averages()})
            row = " | ".join(f"{100 * shares[kind]:.0f} %" for kind in kinds)
            print(
                f"| {name} | {loop} | {examples / seconds:.0f} | {1000 * seconds / options.steps:.0f} | {row} |",
                flush=True,
            )


def _shares(times: dict[str, float]) -> Counter[str]:
    kind_of = {f"aten::{op}": kind for kind, ops in KINDS.items() for op in ops}
    fractions: Counter[str] = Counter()
    for key, spent in times.items():
        fractions[kind_of.get(key, "all else")] += spent / sum(times.values())
    return fractions


if __name__ == "__main__":
    main()
