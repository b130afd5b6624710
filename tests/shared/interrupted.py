"""Trainings of the tiny BERT that are interrupted at an event and go on from a file, beside undisturbed ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.gradual_pruning import prune_gradually, split_off_pruning
from labcore.compress.random_init import reinitialise
from labcore.compress.student import Student
from labcore.config.spec import DistilConfig
from labcore.config.steps import Factorise, FactoriseEmbeddings, KeepLayers, Manual, Prune, Quantise, Step
from labcore.distil.checkpoint import Checkpoint, Checkpoints, load_checkpoint, save_checkpoint
from labcore.distil.condition_evaluator import ConditionEvaluator
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED
from labcore.distil.position import TrainingEvent
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.results.events import TrainStep, Validation
from labcore.runs.training_data import joined
from labcore.system.progress import finish
from tests.shared.tiny import bytes_of, tiny_examples

ENDS: dict[str, Any] = {"hard": 1.0, "soft": 0.0, "temperature": 5.0}


@dataclass(frozen=True)
class Case:
    """A training that may be interrupted. transfer: unlabelled examples. conditions: whether a cue is evaluated."""

    config: DistilConfig
    steps: tuple[Step, ...] = (KeepLayers(count=2),)
    transfer: int = 0
    conditions: bool = False


def config(**given: Any) -> DistilConfig:
    return DistilConfig(**{"batch_size": 8, "epochs": 2, "learning_rate": 3e-3} | given)


CASES = {
    "plain": Case(config()),
    "dropout": Case(config(dropout=0.2, seed=3)),
    "schedule": Case(config(schedule="cosine", final=ENDS, dropout=0.1)),
    "frozen embeddings": Case(config(embeddings=False, weight_decay=0.1)),
    "gradual pruning": Case(config(gradual=True, epochs=3), (KeepLayers(count=2), Prune(0.7, "global"))),
    "gradual 2:4": Case(config(gradual=True, epochs=3), (Prune(0.5, pattern="2:4"),)),
    "pruned": Case(config(), (KeepLayers(count=2), Prune(0.6, embeddings=True))),
    "low rank": Case(config(dropout=0.1), (Factorise(4), FactoriseEmbeddings(8))),
    "narrow, with projections": Case(
        config(hidden=0.5, cosine=0.3, layer_map="similar"), (Manual(hidden=8, layers=2, heads=2, intermediate=16),)
    ),
    "all tokens": Case(config(hidden=0.5, relation=0.5, hidden_at="tokens", dropout=0.1)),
    "rounded": Case(config(dropout=0.1), (KeepLayers(count=2), Quantise(bits=2, group="row", embeddings=4))),
    "rounded from a random start": Case(config(start="random"), (KeepLayers(count=1), Quantise(bits=4))),
    "gradual pruning, then rounded": Case(config(gradual=True, epochs=3), (Prune(0.7, "global"), Quantise(bits=3))),
    "random start": Case(config(start="random", seed=5), (KeepLayers(count=1),)),
    "transfer set": Case(config(dropout=0.1), transfer=24),
    "cue": Case(config(), conditions=True),
    "patience": Case(config(patience=1, learning_rate=1e-9, epochs=6)),
    "cut epoch": Case(config(steps=7, dropout=0.1)),
}


@dataclass(frozen=True)
class Outcome:
    """What a training yields, but for times, its student at the last validation, and the one that it ends with."""

    events: list[TrainingEvent]
    last: dict[str, str]
    weights: dict[str, str]
    masks: dict[str, str]
    zeros: dict[str, int]
    energy: dict[str, float]
    complete: bool


def without_times(event: TrainingEvent) -> TrainingEvent:
    return replace(event, seconds=0.0, elapsed=0.0) if isinstance(event, TrainStep) else event


def student_of(case: Case, teacher: BertForSequenceClassification) -> Student:
    before, prunes = split_off_pruning(case.steps) if case.config.gradual else (case.steps, ())
    student = derive(teacher, before, None, case.config.seed)
    prune_gradually(student, prunes)
    if case.config.start == "random":
        reinitialise(student)
    return student


def training(
    case: Case,
    teacher: BertForSequenceClassification,
    student: Student,
    resume: Checkpoint | None = None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[TrainingEvent]:
    """The case's training of the student, as a process that has just started would begin it."""
    train, validation = tiny_examples(36), tiny_examples(20, seed=5)
    if case.transfer:
        unlabelled = tiny_examples(case.transfer, seed=9)
        train = joined([train, replace(unlabelled, labels=torch.full_like(unlabelled.labels, UNLABELLED))])
    targets = finish(compute_targets(teacher, train, states=True))
    of_teacher = finish(compute_targets(teacher, validation, states=False))
    return distil(
        student,
        train,
        validation,
        targets,
        of_teacher,
        case.config,
        teacher=LiveTeacher(teacher, train),
        conditions=ConditionEvaluator({"clean": (validation, of_teacher.logits)}) if case.conditions else None,
        bf16=False,
        resume=resume,
        checkpoints=checkpoints,
    )


class Seen:
    """The events of a training as they come, and the student's weights at the last validation."""

    def __init__(self) -> None:
        self.events: list[TrainingEvent] = []
        self.last: dict[str, str] = {}

    def follow(self, events: Iterator[TrainingEvent], student: Student, until: int | None = None) -> None:
        """Take events until there are `until` of them, by default all."""
        while until is None or len(self.events) < until:
            if (event := next(events, None)) is None:
                return
            self.events.append(without_times(event))
            if isinstance(event, Validation):
                self.last = bytes_of(student.model)

    def outcome(self, student: Student) -> Outcome:
        return Outcome(
            events=self.events,
            last=self.last,
            weights=bytes_of(student.model),
            masks={name: str(mask.tolist()) for name, mask in student.masks.items()},
            zeros=student.zeros,
            energy=student.energy,
            complete=student.pruning_complete,
        )


def undisturbed(case: Case, teacher: BertForSequenceClassification) -> Outcome:
    student, seen = student_of(case, teacher), Seen()
    seen.follow(training(case, teacher, student), student)
    return seen.outcome(student)


def interrupted(
    case: Case, teacher: BertForSequenceClassification, file: Path, *interruptions: int, further: int = 0
) -> Outcome:
    """The case's training, broken off after each of these numbers of events, and resumed from a file.

    further: the events of work that is lost each time, because it came after the checkpoint.
    """
    seen = Seen()
    resume: Checkpoint | None = None
    for until in interruptions:
        student, checkpoints = student_of(case, teacher), Checkpoints()
        events = training(case, teacher, student, resume, checkpoints)
        seen.follow(events, student, until)
        taken = checkpoints.take()
        assert taken is not None
        save_checkpoint(taken, file, {"events": until})
        for _ in range(further):
            next(events, None)
        events.close()  # type: ignore[attr-defined]
        torch.manual_seed(until + 77)  # a new process has another state
        torch.rand(5)
        resume, about = load_checkpoint(file)
        assert about == {"events": until}
    student = student_of(case, teacher)
    seen.follow(training(case, teacher, student, resume), student)
    return seen.outcome(student)
