"""The one training loop: what it does next (a validation, an optimiser step), and the events of it.

It has no knowledge of how the student was derived: the student's own `after_step` keeps what must be kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from labcore.compress.student import Student
from labcore.config.training import DistilConfig
from labcore.data.batches import Batch
from labcore.distil.best_checkpoint import BestCheckpoint
from labcore.distil.checkpoint import GlobalGenerators, Resumable, Weights
from labcore.distil.clock import Clock
from labcore.distil.condition_evaluator import ConditionEvaluator
from labcore.distil.data_order import DataOrder
from labcore.distil.objective import Objective
from labcore.distil.optimiser import Optimiser, gradient_norm
from labcore.distil.position import Position, TrainingEvent
from labcore.distil.student_state import StudentState
from labcore.results.events import GradientNorms, Similarity, TrainStep

WARM_UP = 0.1  # the fraction of the training in which the learning rate rises; then it falls to 0


def learning_rate_factor(progress: float) -> float:
    """The learning rate at `progress` (0 to 1), as a fraction of its peak: it rises, then falls linearly to 0."""
    warm_up = (progress + 0.01) / (WARM_UP + 0.01)  # above 0 from the first step
    return max(0.0, min(warm_up, (1 - progress) / (1 - WARM_UP)))


@dataclass
class TrainingLoop:
    """All that a step needs, and how far the training is."""

    student: Student
    config: DistilConfig
    objective: Objective
    optimiser: Optimiser
    batches: DataOrder
    clock: Clock
    best: BestCheckpoint
    conditions: ConditionEvaluator | None
    precision: torch.autocast
    at: Position = field(default_factory=Position)

    def resumables(self, device: torch.device) -> dict[str, Resumable]:
        """All that changes in a training. The rest follows from the arguments of `distil`."""
        return {
            "student": StudentState(self.student),
            "projections": Weights(self.objective.projections),
            "optimiser": self.optimiser,
            "data order": self.batches,
            "clock": self.clock,
            "best": self.best,
            "position": self.at,
            "generators": GlobalGenerators(device),
        }

    def events(self) -> Iterator[TrainingEvent]:
        """Work until the training is over, and yield the events of all work that is done."""
        while self.at.unseen or self.at.stage != "over":
            if self.at.unseen:
                yield self.at.unseen.popleft()
            else:
                self.at.unseen.extend(self._work())

    def _work(self) -> list[TrainingEvent]:
        """The next work and its events: a validation, at the start and when it is due, or a step."""
        match self.at.stage:
            case "untrained":
                self.at.stage = "training"
                similarity, started = self._similarity(), time.perf_counter()
                validated = self._validate()
                self.at.validations = self.clock.validation_milestones(time.perf_counter() - started)
                self.clock.start()
                return [*similarity, *validated]
            case "training" if self.at.validations.due(self.at.progress):
                self.at.validations.drop_due(self.at.progress)
                validated = self._validate()
                if self.config.patience is not None and self.best.without_gain >= self.config.patience:
                    self.at.stage = "trained"
                return validated
            case "training" if self.at.progress < 1:
                return self._step(next(self.batches))
            case _:
                self.at.stage = "over"
                self.best.restore_best()
                return self._similarity()

    def _step(self, batch: Batch) -> list[TrainingEvent]:
        """One optimiser step, and its events."""
        started, at = time.perf_counter(), self.at
        before = min(1.0, self.clock.progress(at.steps))  # a validation may have taken the rest of the time
        weights = self.config.values_at(before)
        self.student.model.train()
        with self.precision:
            losses = self.objective.losses(batch, weights["temperature"])
        start = torch.zeros((), device=batch.device)
        total = sum((weights[name] * value for name, value in losses.items()), start=start)
        norms = self._gradient_norms(losses, before)
        self.optimiser.backward(total)
        self.student.before_step()
        self.optimiser.step(learning_rate_factor(before))
        at.steps += 1
        at.progress = self.clock.progress(at.steps)
        self.student.after_step(at.progress)
        at.examples += len(batch.labels)
        at.seconds += time.perf_counter() - started
        train_step = self._train_step(losses, total, before)
        gradient_norms = GradientNorms(at.steps, norms, {name: weights[name] for name in norms})
        return [train_step, gradient_norms] if norms else [train_step]

    def _gradient_norms(self, losses: dict[str, Tensor], progress: float) -> dict[str, float]:
        """The gradient norm of each weighted term, by name; empty unless a measurement is due and terms can differ."""
        if len(self.config.terms) == 1 or not self.at.norms.due(progress):
            return {}
        self.at.norms.drop_next()
        parameters = [p for p in self.student.model.parameters() if p.requires_grad]
        weighted = [term.name for term in self.config.terms if term.name in losses]
        return {name: gradient_norm(losses[name], parameters) for name in weighted}

    def _train_step(self, losses: dict[str, Tensor], total: Tensor, progress: float) -> TrainStep:
        """The event of the step that began at `progress`. Raises FloatingPointError if its loss is not finite."""
        values = {name: float(value.detach()) for name, value in losses.items()}
        loss, at = float(total.detach()), self.at
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} at step {at.steps}; lower the learning rate (it is {self.optimiser.rate:g}) "
                "or the loss weights"
            )
        return TrainStep(
            step=at.steps,
            steps=self.clock.total_steps(at.steps),
            examples=at.examples,
            seconds=at.seconds,
            elapsed=self.clock.elapsed(),
            learning_rate=self.optimiser.rate * learning_rate_factor(progress),
            total=loss,
            losses=values,
            progress=progress,
        )

    def _validate(self) -> list[TrainingEvent]:
        """The student on the validation split now, and under each condition."""
        step = self.at.steps
        with self.precision:
            tested = [] if self.conditions is None else [self.conditions.measure(self.student.model, step)]
            return [self.best.validate(step, counts=self.student.pruning_complete), *tested]

    def _similarity(self) -> list[TrainingEvent]:
        """How similar the student's layers are to the teacher's now; nothing without a live teacher."""
        table = self.objective.similarity()
        return [] if table is None else [Similarity(self.at.steps, table, self.objective.pairs)]
