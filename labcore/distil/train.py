"""The one training loop: a generator of events.

A test calls `list(distil(...))`, a thread iterates, and closing the generator stops the training. The loop has no
knowledge of files, threads or pages, nor of how the student was derived: the student's own `after_step` keeps what must
be kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from labcore.compress.student import Student
from labcore.config.training import DistilConfig
from labcore.data.batches import Batch, Encoded, training_batches
from labcore.distil.best_checkpoint import BestCheckpoint
from labcore.distil.clock import Clock, Milestones
from labcore.distil.condition_evaluator import ConditionEvaluator
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.objective import Objective
from labcore.distil.optimiser import Optimiser, gradient_norm, sparse_embeddings
from labcore.distil.precision import autocast, hardware_bf16
from labcore.distil.targets import Targets
from labcore.models.classifier import set_dropout
from labcore.results.events import ConditionAccuracy, GradientNorms, Similarity, TrainStep, Validation

WARM_UP = 0.1  # the fraction of the training in which the learning rate rises; then it falls to 0
NORM_MEASUREMENTS = 12  # of each term's gradient, evenly spread over the training

TrainingEvent = TrainStep | Validation | ConditionAccuracy | GradientNorms | Similarity


def distil(
    student: Student,
    train: Encoded,
    validation: Encoded,
    targets: Targets,
    validation_targets: Targets,
    config: DistilConfig,
    *,
    teacher: LiveTeacher | None = None,
    conditions: ConditionEvaluator | None = None,
    bf16: bool | None = None,
) -> Iterator[TrainingEvent]:
    """Train `student`; yields each optimiser step and each validation, the first before any training.

    At the end the student holds the weights that were best on validation. `targets` need `states` for a loss over
    hidden states at [CLS]. Losses over all tokens, the layer map `similar` and Similarity events need the live
    `teacher`. With `conditions`, a ConditionAccuracy follows each validation. If `bf16` is None, hardware
    support decides.
    Unless the length is in seconds, the result is deterministic for `config.seed` on one machine. For that, nothing
    else may use torch's global generator meanwhile, from which dropout draws.
    Raises SpecError if a loss term compares nothing, and FloatingPointError if the loss is not finite.
    """
    torch.manual_seed(config.seed)
    precision = autocast(hardware_bf16() if bf16 is None else bf16)
    set_dropout(student.model, config.dropout)
    with sparse_embeddings(student.model, config.embeddings) as embeddings:
        with precision:
            objective = Objective(student, train, targets, config, teacher)
        training = _Training(
            student=student,
            config=config,
            objective=objective,
            optimiser=_optimiser(student, config, objective, embeddings),
            clock=Clock(config, train),
            best=BestCheckpoint(student, validation, validation_targets),
            conditions=conditions,
            precision=precision,
        )
        yield from training.similarity()
        yield from training.run(_batches(train, config))
        training.best.restore()
        yield from training.similarity()


def _optimiser(
    student: Student, config: DistilConfig, objective: Objective, embeddings: list[nn.Parameter]
) -> Optimiser:
    parameters = [*student.model.parameters(), *objective.projections.parameters()]
    return Optimiser(parameters, embeddings, config.learning_rate or student.learning_rate, config.weight_decay)


def _batches(train: Encoded, config: DistilConfig) -> Iterator[Batch]:
    """Batches without end, epoch after epoch, each epoch in an order of its own."""
    generator = torch.Generator().manual_seed(config.seed)
    while True:
        yield from training_batches(train, config.batch_size, generator)


def learning_rate_factor(progress: float) -> float:
    """The learning rate at `progress` (0 to 1), as a fraction of its peak: it rises, then falls linearly to 0."""
    warm_up = (progress + 0.01) / (WARM_UP + 0.01)  # above 0 from the first step
    return max(0.0, min(warm_up, (1 - progress) / (1 - WARM_UP)))


@dataclass
class _Training:
    """All that a step needs, and how far the training is: steps, examples, and seconds without validations."""

    student: Student
    config: DistilConfig
    objective: Objective
    optimiser: Optimiser
    clock: Clock
    best: BestCheckpoint
    conditions: ConditionEvaluator | None
    precision: torch.autocast
    steps: int = 0
    examples: int = 0
    seconds: float = 0.0
    norm_milestones: Milestones = field(
        default_factory=lambda: Milestones(i / NORM_MEASUREMENTS for i in range(NORM_MEASUREMENTS))
    )

    def run(self, batches: Iterator[Batch]) -> Iterator[TrainingEvent]:
        """Train step by step, and validate at the start, at each milestone, and at the end."""
        started = time.perf_counter()
        first = self.validate()
        milestones = self.clock.validation_milestones(time.perf_counter() - started)
        yield from first
        self.clock.start()
        for batch in batches:
            progress, events = self.step(batch)
            yield from events
            if milestones.due(progress):
                milestones.drop_due(progress)
                yield from self.validate()
                if self.config.patience is not None and self.best.without_gain >= self.config.patience:
                    return
            if progress >= 1:  # the value from before the validation: a new one could skip the validation at the end
                return

    def step(self, batch: Batch) -> tuple[float, list[TrainStep | GradientNorms]]:
        """One optimiser step: the progress after it, and its events."""
        started = time.perf_counter()
        before = min(1.0, self.clock.progress(self.steps))  # a validation may have taken the rest of the time
        weights = self.config.values_at(before)
        self.student.model.train()
        with self.precision:
            losses = self.objective.losses(batch, weights["temperature"])
        total = sum((weights[name] * value for name, value in losses.items()), start=torch.zeros(()))
        norms = self._gradient_norms(losses, before)
        self.optimiser.step(total, learning_rate_factor(before))
        self.steps += 1
        after = self.clock.progress(self.steps)
        self.student.after_step(after)
        self.examples += len(batch.labels)
        self.seconds += time.perf_counter() - started
        train_step = self._train_step(losses, total, before)
        gradient_norms = GradientNorms(self.steps, norms, {name: weights[name] for name in norms})
        return after, [train_step, gradient_norms] if norms else [train_step]

    def _gradient_norms(self, losses: dict[str, Tensor], progress: float) -> dict[str, float]:
        """The gradient norm of each weighted term, by name; empty unless a measurement is due and terms can differ."""
        if len(self.config.terms) == 1 or not self.norm_milestones.due(progress):
            return {}
        self.norm_milestones.drop_next()
        parameters = [p for p in self.student.model.parameters() if p.requires_grad]
        weighted = [term.name for term in self.config.terms if term.name in losses]
        return {name: gradient_norm(losses[name], parameters) for name in weighted}

    def _train_step(self, losses: dict[str, Tensor], total: Tensor, progress: float) -> TrainStep:
        """The event of the step that began at `progress`. Raises FloatingPointError if its loss is not finite."""
        values = {name: float(value.detach()) for name, value in losses.items()}
        loss = float(total.detach())
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} at step {self.steps}; lower the learning rate (it is {self.optimiser.rate:g}) "
                "or the loss weights"
            )
        return TrainStep(
            step=self.steps,
            steps=self.clock.total_steps(self.steps),
            examples=self.examples,
            seconds=self.seconds,
            elapsed=self.clock.elapsed(),
            learning_rate=self.optimiser.rate * learning_rate_factor(progress),
            total=loss,
            losses=values,
            progress=progress,
        )

    def validate(self) -> list[Validation | ConditionAccuracy]:
        """The student on the validation split now, and under each condition."""
        with self.precision:
            tested = [] if self.conditions is None else [self.conditions.measure(self.student.model, self.steps)]
            return [self.best.validate(self.steps, counts=self.student.pruning_complete), *tested]

    def similarity(self) -> Iterator[Similarity]:
        """How similar the student's layers are to the teacher's now; nothing without a live teacher."""
        if (table := self.objective.similarity()) is not None:
            yield Similarity(self.steps, table, self.objective.pairs)
