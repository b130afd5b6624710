"""The same short distillation for a teacher of each family: sentences/s and accuracy, beside BERT's in one run.

    python -m benchmarks.families [--rounds 3] [--examples 1600] [--tested 1000] [--epochs 2] [--families …]

Each teacher is the lab's `reviews` under the names of its family (`benchmarks.renamed_teachers`). All have its
accuracy, or nearly so if the head's activation is another one. ModernBERT can't have BERT's weights. Its teacher has
the same sizes and as many weights, and averages word vectors (`benchmarks.averaging_teachers`). So its speed can be
compared, and its accuracy can't. Each student keeps three of six layers. Every round
trains all families in turn with the round's seed, so on the same batches. Sentences/s: median over the rounds. `of
BERT's`: BERT's seconds for a batch over the family's for the same batch, median over the batches. The table has the
median of the rounds (least to most). Accuracy is the mean over the rounds, on the test split.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from benchmarks.averaging_teachers import bring_any
from benchmarks.renamed_teachers import RENAMED
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.data import tasks
from labcore.data.examples import Splits
from labcore.data.tasks import Task, load_task
from labcore.models.family import BERT, FAMILIES
from labcore.results.events import Finished, TrainStep
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.runs.sweep import machine

TASK = "reviews"
AIM = 0.8  # of BERT's sentences/s


def smaller(task: Task, examples: int, tested: int) -> Task:
    """The task with this many examples to train on and to test on, and a quarter of the first to validate on."""
    full = task.splits
    sizes = {"train": examples, "validation": examples // 4, "test": min(tested, len(full["test"]))}
    splits: Splits = {name: each.spread(sizes.get(name, len(each))) for name, each in full.items()}
    return replace(task, read=lambda: splits, transfer=None)


def distilled(folder: Path, store: Store, seed: int, epochs: int) -> tuple[Finished, list[float]]:
    """The results of one run, and the seconds of each of its steps."""
    distil = DistilConfig(seed=seed, epochs=epochs)
    spec = Spec(teacher=str(folder), task=TASK, steps=(KeepLayers(layers=(1, 3, 5)),), distil=distil)
    *events, last = execute_and_store(spec, store.create(spec), store)
    assert isinstance(last, Finished)
    print(f"{folder.name}, seed {seed}: {last.examples_per_second:.0f} sentences/s, {last.accuracy:.4f}", flush=True)
    clock = [0.0, *(event.seconds for event in events if isinstance(event, TrainStep))]  # since training began
    return last, [after - before for before, after in pairwise(clock)]


def main() -> None:
    """Train every family in every round, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each family (default 3)")
    parser.add_argument("--examples", type=int, default=1600, help="training examples (default 1600)")
    parser.add_argument("--tested", type=int, default=1000, help="examples of the test split (default 1000)")
    parser.add_argument("--epochs", type=int, default=2, help="passes over them (default 2)")
    parser.add_argument("--families", default=",".join(FAMILIES), help="model types, separated by commas")
    options = parser.parse_args()
    kinds = [BERT.model_type, *(kind for kind in options.families.split(",") if kind != BERT.model_type)]
    with tempfile.TemporaryDirectory() as home:
        folders = {kind: bring_any(kind, Path(home) / kind) for kind in kinds}
        small = smaller(load_task(TASK), options.examples, options.tested)
        tasks.TASKS = tuple(small if task.name == TASK else task for task in tasks.TASKS)
        store = Store(Path(home) / "runs")
        rounds = [
            {kind: distilled(folders[kind], store, seed, options.epochs) for kind in kinds}
            for seed in range(options.rounds)
        ]
    print(f"{machine()}\n{options.examples} training examples, {options.epochs} epochs, {options.rounds} rounds")
    print("| family | teacher | student | sentences/s | of BERT's |\n|---|---|---|---|---|")
    for kind in kinds:
        results = [each[kind][0] for each in rounds]
        ratios = [_ratio(each[BERT.model_type][1], each[kind][1]) for each in rounds]
        print(
            f"| {FAMILIES[kind].label}{'' if kind in RENAMED else ' (averages)'} | {results[0].teacher_accuracy:.4f} | "
            f"{statistics.mean(each.accuracy for each in results):.4f} | "
            f"{statistics.median(each.examples_per_second for each in results):.0f} | "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            f"{'' if statistics.median(ratios) >= AIM else f', below {AIM}'} |",
            flush=True,
        )


def _ratio(of_bert: list[float], of_family: list[float]) -> float:
    """How many times as fast the family is, by the seconds of the same batches."""
    return statistics.median(first / second for first, second in zip(of_bert, of_family, strict=True))


if __name__ == "__main__":
    main()
