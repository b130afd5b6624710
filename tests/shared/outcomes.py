"""Specs of the tiny BERT, and all that comes of one: shapes, zeros, losses, validations and weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.gradual_pruning import prune_gradually, split_off_pruning
from labcore.compress.random_init import reinitialise
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, Manual, Step
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.models.structure import structure_of
from labcore.results.events import TrainStep, Validation
from labcore.system.progress import finish
from tests.shared.tiny import bytes_of, tiny_examples

SHORT: dict[str, Any] = {"batch_size": 8, "epochs": 2, "learning_rate": 1e-2}
TRAIN, TEST = 40, 20
ENDS: dict[str, Any] = {"schedule": "linear", "steps": 5}
RANDOM = Manual(hidden=8, layers=2, heads=2, intermediate=16)


def config(**given: Any) -> Spec:
    return Spec(steps=(KeepLayers(count=2),), distil=DistilConfig(**SHORT | given))


def steps(*given: Step, **more: Any) -> Spec:
    return Spec(steps=given, distil=DistilConfig(**{**SHORT, "epochs": 1} | more))


def outcome(tiny: BertForSequenceClassification, calibration: Calibration, spec: Spec) -> tuple[object, ...]:
    """The results of a spec on the tiny BERT: shapes, zeros, losses, learning rates, validations, final weights."""
    config = spec.distil
    before, prunes = split_off_pruning(spec.steps) if config.gradual else (spec.steps, ())
    student = derive(tiny, before, calibration, config.seed)
    prune_gradually(student, prunes)
    if config.start == "random":
        reinitialise(student)
    train, validation = tiny_examples(TRAIN), tiny_examples(TEST, seed=1)
    if student.vocabulary is not None:  # as a tokenizer of fewer tokens reads it: what is gone is [UNK]
        indices = {old: new for new, old in enumerate(student.vocabulary)}
        train, validation = (
            replace(data, tokens=tuple(tuple(indices.get(i, indices[1]) for i in row) for row in data.tokens))
            for data in (train, validation)
        )
    assistant = tiny if spec.assistant is None else derive(tiny, spec.assistant.steps, calibration).model
    targets = finish(compute_targets(assistant, tiny_examples(TRAIN), states=True))
    of_teacher = finish(compute_targets(tiny, tiny_examples(TEST, seed=1), states=False))
    live = LiveTeacher(assistant, tiny_examples(TRAIN))
    events = list(distil(student, train, validation, targets, of_teacher, config, teacher=live, bf16=False))
    return (
        structure_of(student.model),
        dict(student.zeros),
        [(e.total, e.learning_rate, e.examples) for e in events if isinstance(e, TrainStep)],
        [(e.step, e.accuracy, e.loss, e.best) for e in events if isinstance(e, Validation)],
        bytes_of(student.model),
    )
