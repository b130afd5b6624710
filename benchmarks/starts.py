"""Five ways to initialise the `manual` student, compared before training and after a short training run.

    python -m benchmarks.starts [--seeds 3] [--epochs 1] [--students half,width] [--home DIR]

- random: PyTorch's and BERT's own draw.
- slice: the first rows and columns of each tensor.
- ranked: one set of hidden dimensions, heads and neurons with the largest activations on sample examples, as in
  Minitron (Muralidharan et al., 2024, https://arxiv.org/abs/2407.14679).
- rotated: the stream on its principal directions, as in SliceGPT (Ashkboos et al., 2024,
  https://arxiv.org/abs/2401.15024), with biases, gains and means matched on the sample.
- refitted: the same, and each matrix refitted in closed form: `labcore.compress.init_from_teacher`, which `manual`
  uses.

Each start takes the better of two learning rates, by validation accuracy with seed 0. Accuracy is the mean over the
seeds ± their standard deviation; `before` and `after` are on the validation split, `test` is looked at last.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from transformers import BertForSequenceClassification

from labcore.compress import closed_forms, init_from_teacher, kept_parts
from labcore.compress.student import FINE_TUNING_RATE, FROM_SCRATCH_RATE, Student
from labcore.config.spec import DistilConfig
from labcore.config.steps.keep_layers import picked_layers
from labcore.data.batches import Encoded, encode
from labcore.data.tasks import load_task
from labcore.distil.targets import Targets, teacher_targets
from labcore.distil.train import distil
from labcore.evaluate.metrics import accuracy, predict
from labcore.models import classifier, encoder
from labcore.models.family import BERT
from labcore.system.home import default_home
from labcore.system.progress import finish
from labcore.teacher.load import load_teacher, load_teacher_tokenizer

RATES = (FINE_TUNING_RATE, FROM_SCRATCH_RATE)
SAMPLE = 256  # training examples
SIZES = {
    "half": {"hidden": 192, "layers": 3, "heads": 6, "intermediate": 768},
    "width": {"hidden": 192, "layers": 6, "heads": 6, "intermediate": 768},
}

Start = Callable[[BertForSequenceClassification, BertForSequenceClassification, tuple[int, ...], Encoded], None]


def leave(source: Any, target: Any, layers: tuple[int, ...], sample: Encoded) -> None:
    """The random start: the target as it was built."""


@torch.no_grad()
def slice_out(source: Any, target: Any, layers: tuple[int, ...], sample: Encoded) -> None:
    """Of each tensor the first rows and columns that fit."""
    tensors = dict(source.named_parameters())
    for name, parameter in target.named_parameters():
        layer = BERT.layer_of(name)
        origin = name if layer is None else BERT.in_layer(name, layers[layer])
        parameter.copy_(tensors[origin][tuple(slice(size) for size in parameter.shape)])


@torch.no_grad()
def rank(source: Any, target: Any, layers: tuple[int, ...], sample: Encoded) -> None:
    """The teacher's rows and columns with the largest mean activation on the sample, as they are."""
    shape = encoder.architecture_of(target)
    text = init_from_teacher.SampleTokens.of(sample)
    first, outputs = init_from_teacher.layer_outputs(source, text, layers)
    states = torch.cat([first, *(output.after for output in outputs)])
    stream = kept_parts.largest(states.abs().mean(0), shape.hidden)

    def copy(to: Any, of: Any, *indices: Any) -> None:
        to.weight.copy_(of.weight[indices[0]] if len(indices) == 1 else of.weight[indices[0]][:, indices[1]])
        if getattr(of, "bias", None) is not None:
            to.bias.copy_(of.bias[indices[0]])

    for narrow, table in zip(encoder.embedding_tables(target), encoder.embedding_tables(source), strict=True):
        copy(narrow, table, slice(None), stream)
    copy(encoder.embedding_norm(target), encoder.embedding_norm(source), stream)
    size = shape.hidden // shape.heads
    for index, output in enumerate(outputs):
        of, to = output.layer, encoder.layer_modules(target, index)
        scores = of.query(output.before).square().mean(0) * of.key(output.before).square().mean(0)
        added = kept_parts.contribution(output.attended, of.output).view(of.heads, -1)
        scoring = kept_parts.head_rows(scores.view_as(added), added.sum(1), shape.heads, size, spread=False)
        valued = kept_parts.head_rows(added, added.sum(1), shape.heads, size, spread=True)
        inner = of.activation(of.up(output.between))
        neurons = kept_parts.largest(inner.abs().mean(0), shape.intermediate)
        copy(to.query, of.query, scoring, stream)  # the heads keep their size here
        copy(to.key, of.key, scoring, stream)
        copy(to.value, of.value, valued, stream)
        copy(to.output, of.output, stream, valued)
        copy(to.attention_norm, of.attention_norm, stream)
        copy(to.up, of.up, neurons, stream)
        copy(to.down, of.down, stream, neurons)
        copy(to.feed_forward_norm, of.feed_forward_norm, stream)
    teacher_dense, teacher_classifier = encoder.head(source)
    dense, classifier_of_target = encoder.head(target)
    pooled = encoder.head_activation(source)(teacher_dense(outputs[-1].after[text.positions == 0]))
    kept = kept_parts.largest(kept_parts.contribution(pooled, teacher_classifier), shape.hidden)
    copy(dense, teacher_dense, kept, stream)
    copy(classifier_of_target, teacher_classifier, slice(None), kept)


def rotate(source: Any, target: Any, layers: tuple[int, ...], sample: Encoded) -> None:
    """`initialise_from_teacher` whose matrices stay the projected teacher's; biases and LayerNorm are still fitted."""
    with patch.object(closed_forms, "RIDGE", 1e9):
        init_from_teacher.initialise_from_teacher(source, target, layers, sample)


STARTS: dict[str, Start] = {
    "random": leave,
    "slice": slice_out,
    "ranked": rank,
    "rotated": rotate,
    "refitted": init_from_teacher.initialise_from_teacher,
}


def main() -> None:
    """Try every start and print a table as they finish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="training runs of each start (default 3)")
    parser.add_argument("--epochs", type=int, default=1, help="passes over the training examples (default 1)")
    parser.add_argument("--students", default=",".join(SIZES), help="which students (default %(default)s)")
    parser.add_argument("--home", type=Path, help="keep the teacher's outputs here (default: the lab's own place)")
    options = parser.parse_args()
    teacher, tokenizer = load_teacher("reviews"), load_teacher_tokenizer("reviews")
    task = load_task("reviews")
    encoded = {split: encode(tokenizer, examples, task.max_tokens) for split, examples in task.splits.items()}
    targets = {
        split: _targets(teacher, examples, options.home or default_home()) for split, examples in encoded.items()
    }
    sample = _sample(encoded["train"])

    def start(name: str, sizes: dict[str, int], seed: int) -> tuple[Student, float]:
        shape = encoder.architecture_of(teacher)
        model = classifier.initialise_randomly(classifier.build(replace(shape, **sizes)), seed).eval()
        began = time.perf_counter()
        STARTS[name](teacher, model, picked_layers(shape.layers, sizes["layers"], "even"), sample)
        return Student(model), time.perf_counter() - began

    def training(name: str, sizes: dict[str, int], rate: float, seed: int) -> tuple[float, float]:
        student, _ = start(name, sizes, seed)
        config = DistilConfig(epochs=options.epochs, learning_rate=rate, seed=seed)
        for _ in distil(
            student, encoded["train"], encoded["validation"], targets["train"], targets["validation"], config
        ):
            pass
        after, test = (
            accuracy(predict(student.model, encoded[split]), encoded[split].labels) for split in ("validation", "test")
        )
        return after, test

    print(
        f"{torch.get_num_threads()} threads, torch {torch.__version__}, {options.epochs} epochs, {options.seeds} seeds"
    )
    print("| student | start | seconds | before | " + " | ".join(f"after, {rate:g}, seed 0" for rate in RATES), end="")
    print(" | rate | after | test |\n|---|---|---|---|" + "---|" * len(RATES) + "---|---|---|", flush=True)
    for kind in options.students.split(","):
        sizes = SIZES[kind]
        for name in STARTS:
            student, seconds = start(name, sizes, 0)
            before = accuracy(predict(student.model, encoded["validation"]), encoded["validation"].labels)
            tried = {rate: training(name, sizes, rate, 0) for rate in RATES}
            rate = max(RATES, key=lambda rate: tried[rate][0])
            runs = [tried[rate], *(training(name, sizes, rate, seed) for seed in range(1, options.seeds))]
            firsts = " | ".join(f"{tried[rate][0]:.3f}" for rate in RATES)
            after, test = (_spread(values) for values in zip(*runs, strict=True))
            print(
                f"| {kind} | {name} | {seconds:.1f} | {before:.3f} | {firsts} | {rate:g} | {after} | {test} |",
                flush=True,
            )


def _sample(train: Encoded) -> Encoded:
    drawn = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))[:SAMPLE].tolist()
    return Encoded(tuple(train.tokens[i] for i in drawn), train.labels[drawn], train.padding)


def _targets(teacher: BertForSequenceClassification, examples: Encoded, home: Path) -> Targets:
    return finish(teacher_targets(teacher, examples, home / "targets", states=False))


def _spread(values: tuple[float, ...]) -> str:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {deviation:.3f}"


if __name__ == "__main__":
    main()
