"""One contender's training run of a given number of seconds, in a process of its own: for `benchmarks.quality`.

    python -m benchmarks.peers.distillation CONTENDER FOLDER --student even3 --budget 180 --seed 0 --rate 1e-4

It prints a line of JSON at its end: accuracy on validation and test, examples and steps. Ten steps of a copy measure
how many fit into the budget; the learning rate's schedule is made for that number. A training run that is slower ends
when the budget is over.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from transformers import BertForSequenceClassification

from benchmarks.peers import training_data
from benchmarks.peers.loops import LOOPS, Inputs, Loader
from benchmarks.step import STUDENTS
from labcore.compress.student import Student
from labcore.config.spec import DistilConfig
from labcore.data.batches import Encoded
from labcore.distil.precision import hardware_bf16
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.evaluate.metrics import accuracy, predict
from labcore.results.events import TrainStep
from labcore.system.progress import finish

UNTIMED, TIMED = 3, 10  # steps that tell the pace
Trained = tuple[BertForSequenceClassification, int, int]  # the student, its sentences, its steps


def by_peer(name: str, folder: Path, train: Encoded, budget: float, seed: int, rate: float) -> Trained:
    """The student after the peer's own loop over shuffled batches, whatever it is at the end."""
    teacher, loop = training_data.model(folder, "teacher"), LOOPS[name]
    moments: list[float] = []

    def timed() -> Iterator[Inputs]:
        for batch in itertools.islice(training_data.shuffled(train, seed), UNTIMED + TIMED + 1):
            moments.append(time.perf_counter())
            yield training_data.inputs(batch)

    loop(teacher, training_data.model(folder, "student"), Loader(timed(), UNTIMED + TIMED + 1), rate)
    steps = max(1, int(budget * TIMED / (moments[-1] - moments[UNTIMED])))
    torch.manual_seed(seed)
    student, sizes, began = training_data.model(folder, "student"), [], time.perf_counter()

    def within_budget() -> Iterator[Inputs]:
        for batch in itertools.islice(training_data.shuffled(train, seed), steps):
            if time.perf_counter() - began >= budget:
                return
            sizes.append(len(batch.labels))
            yield training_data.inputs(batch)

    loop(teacher, student, Loader(within_budget(), steps), rate)
    return student, sum(sizes), len(sizes)


def by_lab(folder: Path, kind: str, train: Encoded, validation: Encoded, budget: float, seed: int) -> Trained:
    """The student after the lab's training run with its defaults; the teacher's pass is part of the budget.

    Raises SystemExit if the budget is too short.
    """
    began = time.perf_counter()
    teacher = training_data.model(folder, "teacher")
    targets = finish(compute_targets(teacher, train, states=False, bf16=hardware_bf16()))
    read = time.perf_counter()
    few = finish(compute_targets(teacher, validation, states=False))
    now = time.perf_counter()
    seconds = (
        budget - (now - began) - 2 * (now - read)
    )  # the student validates before and after, faster than the teacher
    if seconds <= 0:
        raise SystemExit(f"{budget:g} s are not enough for the teacher to read in; give a larger --budget")
    student = Student(training_data.model(folder, "student"), steps=(STUDENTS[kind],))
    examples = steps = 0
    for event in distil(student, train, validation, targets, few, DistilConfig(seconds=seconds, seed=seed)):
        if isinstance(event, TrainStep):
            examples, steps = event.examples, event.step
    return student.model, examples, steps


def main() -> None:
    """Train, evaluate, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("contender", choices=["lab", *LOOPS])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--student", choices=list(STUDENTS), required=True)
    parser.add_argument("--budget", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rate", type=float, help="learning rate; the lab takes its own")
    options = parser.parse_args()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a peer prints is no report
    train, validation, test = (training_data.reviews(split) for split in ("train", "validation", "test"))
    budget, seed = options.budget, options.seed
    if options.contender == "lab":
        trained = by_lab(options.folder, options.student, train, validation, budget, seed)
    else:
        trained = by_peer(options.contender, options.folder, train, budget, seed, options.rate)
    student, examples, steps = trained
    report = {
        split: accuracy(predict(student, encoded), encoded.labels)
        for split, encoded in (("validation", validation), ("test", test))
    }
    print(json.dumps(report | {"sentences": examples, "steps": steps}), file=out, flush=True)


if __name__ == "__main__":
    main()
