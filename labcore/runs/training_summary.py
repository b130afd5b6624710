"""A training in a few numbers, gathered from its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from labcore.config.training import DistilConfig
from labcore.results.events import Event, TrainStep, Validation
from labcore.results.findings import AccuracyAndLoss, TermCounts


@dataclass
class TrainingSummary:
    """examples, seconds: of training, without validations. validations: how many came after the first step.

    best_step, best_score: of the best checkpoint; the score is None before the first validation.
    """

    config: DistilConfig
    examples: int = 0
    seconds: float = 0.0
    validations: int = 0
    best_step: int = 0
    best_score: AccuracyAndLoss | None = None
    terms: TermCounts = field(init=False)

    def __post_init__(self) -> None:
        self.terms = TermCounts(self.config.terms)

    def add(self, event: Event) -> None:
        """Take one event into account."""
        if isinstance(event, TrainStep):
            self.examples, self.seconds = event.examples, event.seconds
            self.terms.add(self.config.values_at(event.progress), event.losses)
        elif isinstance(event, Validation):
            self.validations += event.step > 0
            if event.best:
                self.best_step, self.best_score = event.step, (event.accuracy, event.loss)

    @property
    def examples_per_second(self) -> float:
        """Training examples a second, without validations."""
        return self.examples / self.seconds
