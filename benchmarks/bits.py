"""What students of few bits keep: rounded after their training, and trained on their grid.

    python -m benchmarks.bits [--tasks reviews news] [--designs tenth …] [--bits 8 4 3 2] [--seeds 3] [--steps N] \
[--home DIR]
    python -m benchmarks.bits --aims [--seeds 3] [--home DIR]

Each design is trained in fp32, then rounded without training, then trained with `quantise` as its last step, for the
same number of steps. Embeddings keep at least 4 bits. Accuracy and agreement are on the test split, mean ± the 95 %
interval over seeds. Bytes are those of the student's file, as a percentage of its teacher's. Milliseconds are medians
for one example of 128 tokens in PyTorch, which computes rounded weights in fp32. Seconds are those of the longest run.
A run keeps its best student on the validation split; "best at step" is where that was in each seed.

--aims: only the students of `reviews` that are to keep some of the accuracy in some of the bytes, and whether they do.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Manual, Quantise, Step, TrimVocabulary
from labcore.count.latency import measure
from labcore.count.parameters import count
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.evaluate.significance import over_seeds
from labcore.results.events import Finished, Validation
from labcore.results.run import FinishedRun
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.runs.sweep import machine
from labcore.runs.teacher_models import load_for, tokenizer_for
from labcore.runs.training_data import prepare
from labcore.system.progress import finish

Bits = Literal[8, 4, 3, 2]


def _design(tokens: int, hidden: int, layers: int) -> tuple[Step, ...]:
    manual = Manual(hidden=hidden, layers=layers, heads=hidden // 32, intermediate=4 * hidden, init="teacher")
    return TrimVocabulary(size=tokens), manual


# Designs of `labcore sweep frontier` and between them, each with its number of steps and transfer examples.
DESIGNS: dict[str, tuple[tuple[Step, ...], int, int]] = {
    "twentieth": (_design(7_000, 96, 4), 4000, 40_000),
    "tenth": (_design(7_600, 128, 6), 3100, 40_000),
    "fifth": (_design(8_000, 192, 6), 2600, 40_000),
    "third": (_design(11_200, 256, 6), 1500, 20_000),
    "two fifths": (_design(16_000, 256, 6), 1700, 20_000),
    "full width": ((TrimVocabulary(size=12_000),), 700, 20_000),
}
HEAD = (
    "| task | design | bits | rounded or trained | bytes | accuracy | retention | agreement | ms | seconds "
    "| best at step |\n|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|"
)
AIM_BITS = 4
AIMS = {"full width": (0.99, 0.10), "third": (0.98, 0.05), "tenth": (0.965, 0.015)}  # retention, and fraction of bytes


class Teacher(NamedTuple):
    """Its accuracy on the test split, the bytes of its file, and its milliseconds, measured after its student's."""

    accuracy: float
    bytes: int
    ms: float


@dataclass(frozen=True)
class Outcome:
    """One student on the test split. bytes: of its file. seconds: of its run. step: where its run was best."""

    accuracy: float
    agreement: float
    bytes: int
    ms: float
    seconds: float
    step: int
    teacher: Teacher


def main() -> None:
    """Train and round every student, and print a row for each as soon as its seeds are done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=["reviews", "news"])
    parser.add_argument("--designs", nargs="+", choices=DESIGNS, default=list(DESIGNS))
    parser.add_argument("--bits", nargs="+", type=int, choices=[8, 4, 3, 2], default=[8, 4, 3, 2])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, help="of every training (default: each design's own)")
    parser.add_argument("--home", type=Path, help="keep the runs here (default: a temporary folder)")
    parser.add_argument("--aims", action="store_true", help="only the students that have an aim")
    options = parser.parse_args()
    store = Store(options.home or Path(tempfile.mkdtemp()))
    print(f"{machine()}\n\n{HEAD}", flush=True)
    if options.aims:
        _aims(options.seeds, options.steps, store)
        return
    for task in options.tasks:
        for name in options.designs:
            spec = _spec(task, name, options.steps)
            seeds = range(options.seeds)
            print(_row(task, name, "32", "trained", [trained(_seed(spec, seed), store) for seed in seeds]), flush=True)
            for step in _rounding(options.bits):
                outcomes = [rounded(_seed(spec, seed), step, store) for seed in seeds]
                print(_row(task, name, step.describe(), "rounded", outcomes), flush=True)
                on_grid = replace(spec, steps=(*spec.steps, step))
                outcomes = [trained(_seed(on_grid, seed), store) for seed in seeds]
                print(_row(task, name, step.describe(), "trained", outcomes), flush=True)


def _aims(seeds: int, length: int | None, store: Store) -> None:
    """Print a row for each student that has an aim, and then how each stands to it."""
    verdicts = []
    for name, (retention, part) in AIMS.items():
        spec = _spec("reviews", name, length)
        [step] = _rounding([AIM_BITS])
        on_grid = replace(spec, steps=(*spec.steps, step))
        outcomes = [trained(_seed(on_grid, seed), store) for seed in range(seeds)]
        print(_row("reviews", name, step.describe(), "trained", outcomes), flush=True)
        teacher = outcomes[0].teacher
        kept = over_seeds([each.accuracy for each in outcomes]).mean / teacher.accuracy
        stored = outcomes[0].bytes / teacher.bytes
        times = min(each.teacher.ms for each in outcomes) / min(each.ms for each in outcomes)
        met = "met" if kept >= retention and stored <= part else "missed"
        verdicts.append(
            f"{retention:.1%} at {part:.1%} of the bytes: {met}, {kept:.1%} at {stored:.2%}; {times:.1f} × as fast"
        )
    print("", *verdicts, sep="\n")


def _spec(task: str, design: str, length: int | None) -> Spec:
    steps, its_length, transfer = DESIGNS[design]
    config = DistilConfig(steps=length or its_length, learning_rate=1e-4)
    return Spec(
        teacher=task, task=task, steps=steps, distil=replace(config, transfer=transfer if task == "reviews" else 0)
    )


def _rounding(bits: list[Bits]) -> Iterator[Quantise]:
    for each in bits:
        yield Quantise(bits=each, embeddings="same" if each >= 4 else 4)


def _seed(spec: Spec, seed: int) -> Spec:
    return replace(spec, distil=replace(spec.distil, seed=seed))


def _run(spec: Spec, store: Store) -> str:
    """The id of the finished run of a spec: the stored one, or a new one."""
    if (stored := store.find(spec)) is not None:
        return stored.id
    run = store.create(spec)
    *_, last = execute_and_store(spec, run, store)
    assert isinstance(last, Finished)
    return run


def trained(spec: Spec, store: Store) -> Outcome:
    """A student that was trained as the spec asks for."""
    return _outcome(spec, (), store)


def rounded(spec: Spec, step: Quantise, store: Store) -> Outcome:
    """A student that was trained as the spec asks for, and rounded then."""
    return _outcome(spec, (step,), store)


def _outcome(spec: Spec, after: tuple[Step, ...], store: Store) -> Outcome:
    run = _run(spec, store)
    student, finished = derive(store.student(run), after), store.read(run)
    assert isinstance(finished, FinishedRun)
    teacher = load_for(spec.teacher, spec.task)
    data = finish(prepare(spec, teacher.model, tokenizer_for(spec.teacher), student.vocabulary, store.targets, None))
    test, logits = data.encoded["test"], predict(student.model, data.encoded["test"])
    sizes = [counts.cost.bytes["stored"] for counts in (count(student), count(teacher)) if counts.cost is not None]
    of_teacher = data.targets["test"].logits
    best = [event.step for event in store.events(run) if isinstance(event, Validation) and event.best]
    return Outcome(
        accuracy=accuracy(logits, test.labels),
        agreement=agreement(logits, of_teacher),
        bytes=sizes[0],
        ms=measure(student.model.eval(), 1, 128).median_ms,
        seconds=finished.result.seconds,
        step=best[-1],
        teacher=Teacher(accuracy(of_teacher, test.labels), sizes[1], measure(teacher.model.eval(), 1, 128).median_ms),
    )


def _row(task: str, design: str, bits: str, stage: str, outcomes: list[Outcome]) -> str:
    mean, teacher = over_seeds([each.accuracy for each in outcomes]), outcomes[0].teacher
    agreed, ms = over_seeds([each.agreement for each in outcomes]), min(each.ms for each in outcomes)
    interval = "" if mean.half is None else f" ± {100 * mean.half:.1f}"
    cells = [
        task,
        design,
        bits,
        stage,
        f"{outcomes[0].bytes / teacher.bytes:.2%}",
        f"{mean.mean:.1%}{interval}",
        f"{mean.mean / teacher.accuracy:.1%}",
        f"{agreed.mean:.1%}",
        f"{ms:.1f}",
        f"{max(each.seconds for each in outcomes):.0f}",
        ", ".join(f"{each.step:,}" for each in outcomes),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
