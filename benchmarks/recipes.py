"""What helps a short training run and what does not: one student, one length, one thing changed at a time.

    python -m benchmarks.recipes [--student narrow] [--steps 800] [--seeds 2] [--only NAME,NAME] [--home DIR]

Accuracy on validation and test, the mean over seeds ± their standard deviation. Two splits of a thousand
examples cannot show small differences. So agreement with the teacher is also measured on 5,000 transfer examples that
no training run has read. The home folder caches the teacher's outputs for all runs.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from labcore.compress.derive import derive
from labcore.compress.random_init import reinitialise
from labcore.config.spec import Spec
from labcore.config.steps import FactoriseEmbeddings, KeepLayers, Manual, PruneNeurons, Step, TrimVocabulary
from labcore.config.training import DistilConfig
from labcore.count.parameters import count
from labcore.data.batches import encode
from labcore.data.examples import Examples, Split
from labcore.data.tasks import load_task
from labcore.data.tokenizers import trimmed
from labcore.distil.losses import UNLABELLED
from labcore.distil.targets import teacher_targets
from labcore.distil.train import distil
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.results.events import TrainStep
from labcore.runs.cache import calibration_for
from labcore.runs.training_data import prepare
from labcore.system.home import default_home
from labcore.system.progress import finish
from labcore.teacher.load import load_teacher

HELD_OUT = 5_000  # the last of 50,000 transfer examples; no training run here reads more than 40,000
STUDENTS: dict[str, tuple[Step, ...]] = {
    "even3": (KeepLayers(layers=(1, 3, 5)),),
    "neurons": (TrimVocabulary(12_000), PruneNeurons(768, "taylor"), FactoriseEmbeddings(128)),
    "wide": (TrimVocabulary(16_000), Manual(hidden=256, layers=6, heads=8, intermediate=1024, init="teacher")),
    "narrow": (TrimVocabulary(8_000), Manual(hidden=192, layers=6, heads=6, intermediate=768, init="teacher")),
    "broad": (TrimVocabulary(17_000), Manual(hidden=288, layers=6, heads=9, intermediate=1152, init="teacher")),
    "tenth": (TrimVocabulary(7_800), Manual(hidden=128, layers=6, heads=4, intermediate=512, init="teacher")),
}
BASE = DistilConfig(learning_rate=1e-4, transfer=20_000)
CHANGES: dict[str, dict[str, Any]] = {
    "base": {},
    "no transfer set": {"transfer": 0},
    "transfer of 40k": {"transfer": 40_000},
    "rate 2e-4": {"learning_rate": 2e-4},
    "rate 5e-5": {"learning_rate": 5e-5},
    "batch 64 and half the steps": {"batch_size": 64},
    "dropout 0.1": {"dropout": 0.1},
    "word embeddings frozen": {"embeddings": False},
    "no teacher": {"hard": 1.0, "soft": 0.0, "transfer": 0},
    "soft alone": {"hard": 0.0, "soft": 1.0},
    "half and half": {"hard": 0.5, "soft": 0.5},
    "τ = 1": {"temperature": 1.0},
    "logit 0.2 for soft": {"soft": 0.0, "logit": 0.2},
    "+ hidden at [CLS]": {"hidden": 1.0},
    "+ hidden at tokens": {"hidden": 1.0, "hidden_at": "tokens"},
    "+ cosine at [CLS]": {"cosine": 1.0},
    "+ relation": {"relation": 1.0},
    "random start": {"start": "random", "learning_rate": None},
}


@dataclass(frozen=True)
class Outcome:
    validation: float
    test: float
    held_out: float
    examples_per_second: float


def training(spec: Spec, home: Path) -> Outcome:
    """One student, trained and evaluated."""
    teacher, calibration, task = (
        load_teacher(spec.teacher),
        calibration_for(spec.teacher, spec.task),
        load_task(spec.task),
    )
    student = derive(teacher, spec.steps, calibration, spec.distil.seed)
    if spec.distil.start == "random":
        reinitialise(student)
    training_data = finish(prepare(spec, teacher, calibration.tokenizer, student.vocabulary, home / "targets"))
    encoded, targets = training_data.encoded, training_data.targets
    last = None
    for event in distil(
        student,
        encoded["train"],
        encoded["validation"],
        targets["train"],
        targets["validation"],
        spec.distil,
        teacher=training_data.teacher,
    ):
        last = event if isinstance(event, TrainStep) else last
    assert last is not None
    unlabelled = load_task(spec.task).transfer_examples(50_000)[-HELD_OUT:]
    unseen = Examples(unlabelled, (UNLABELLED,) * len(unlabelled))
    teacher_tokens = encode(calibration.tokenizer, unseen, task.max_tokens)
    held_out = finish(teacher_targets(teacher, teacher_tokens, home / "targets", states=False))
    student_tokens = encode(trimmed(calibration.tokenizer, student.vocabulary), unseen, task.max_tokens)
    evaluated: tuple[Split, ...] = ("validation", "test")
    right = {split: accuracy(predict(student.model, encoded[split]), encoded[split].labels) for split in evaluated}
    agree = agreement(predict(student.model, student_tokens), held_out.logits)
    return Outcome(right["validation"], right["test"], agree, last.examples / last.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--student", choices=STUDENTS, default="narrow")
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", default=",".join(CHANGES))
    parser.add_argument("--home", type=Path, default=default_home())
    options = parser.parse_args()

    steps = STUDENTS[options.student]
    size = count(derive(load_teacher("reviews"), steps, calibration_for("reviews", "reviews"))).total
    print(
        f"{options.student}: {size:,} parameters; {options.steps} steps, {options.seeds} seeds, "
        f"{torch.get_num_threads()} threads"
    )
    print("\n| changed | validation | test | agreement, unseen | sentences/s |\n|---|---|---|---|---|", flush=True)
    for name in options.only.split(","):
        config = replace(BASE, **CHANGES[name])
        length = options.steps * BASE.batch_size // config.batch_size
        outcomes = [
            training(Spec(steps=steps, distil=replace(config, steps=length, seed=seed)), options.home)
            for seed in range(options.seeds)
        ]
        columns = ([getattr(o, field) for o in outcomes] for field in ("validation", "test", "held_out"))
        speed = statistics.mean(o.examples_per_second for o in outcomes)
        print(f"| {name} | {' | '.join(map(_spread, columns))} | {speed:.0f} |", flush=True)


def _spread(values: list[float]) -> str:
    deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{deviation}"


if __name__ == "__main__":
    main()
