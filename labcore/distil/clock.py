"""The progress of a training, whether its length is in epochs, steps or seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable

from labcore.config.training import DistilConfig
from labcore.config.validation_schedule import validations
from labcore.data.batches import Encoded, batches_in_epoch
from labcore.distil.checkpoint import State


class Clock:
    """Counts what the length of a training is given in, and reports progress: 0 at its start, 1 at its end."""

    def __init__(self, config: DistilConfig, train: Encoded):
        self.config, self.examples = config, len(train)
        self.steps = config.steps or config.epochs * batches_in_epoch(train, config.batch_size)
        self.started = 0.0

    def start(self) -> None:
        """From now on time counts."""
        self.started = time.perf_counter()

    def elapsed(self) -> float:
        """Seconds since `start`."""
        return time.perf_counter() - self.started

    def state(self) -> State:
        """The seconds so far."""
        return State(values={"elapsed": self.elapsed()})

    def restore(self, state: State) -> None:
        """From now on time counts, after the seconds so far."""
        self.started = time.perf_counter() - state.values["elapsed"]

    def progress(self, step: int) -> float:
        """How much of the training is over after `step` steps; it may exceed 1."""
        return step / self.steps if self.config.seconds is None else self.elapsed() / self.config.seconds

    def total_steps(self, step: int) -> int:
        """The steps of the whole training; an estimate if its length is in seconds."""
        return self.steps if self.config.seconds is None else max(step, round(step / self.progress(step)))

    def validation_milestones(self, cost: float) -> Milestones:
        """At what progress the student is validated, if one validation takes `cost` seconds; the end is among them."""
        times = validations(self.config, self.examples, cost)
        assert times is not None  # all that it depends on is given
        return Milestones((i + 1) / times for i in range(times))


class Milestones:
    """Values of a training's progress at which something is due, in rising order; those that are over are dropped."""

    def __init__(self, milestones: Iterable[float]):
        self.ahead = deque(milestones)

    def due(self, progress: float) -> bool:
        """Whether the next milestone has come."""
        return bool(self.ahead) and progress >= self.ahead[0]

    def drop_next(self) -> None:
        """The next milestone is over."""
        self.ahead.popleft()

    def drop_due(self, progress: float) -> None:
        """All milestones that have come are over."""
        while self.due(progress):
            self.drop_next()
