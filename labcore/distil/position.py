"""How far a training is: its stage, its counts, what is due next, and the events that nobody has seen yet."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal, cast

from labcore.distil.checkpoint import State
from labcore.distil.clock import Milestones
from labcore.results.events import (
    ConditionAccuracy,
    GradientNorms,
    Similarity,
    TrainStep,
    Validation,
    event_from_dict,
    event_to_dict,
)

NORM_MEASUREMENTS = 12  # of each term's gradient, evenly spread over the training
TrainingEvent = TrainStep | Validation | ConditionAccuracy | GradientNorms | Similarity
Stage = Literal["untrained", "training", "trained", "over"]
COUNTS = ("stage", "steps", "examples", "seconds", "progress")


@dataclass
class Position:
    """examples, seconds: of training, without validations. progress: after the last step; it may exceed 1.

    unseen: events of work that is done. An event leaves it just before it is yielded, so at each event the training's
    state and the events that were yielded belong together.
    """

    stage: Stage = "untrained"
    steps: int = 0
    examples: int = 0
    seconds: float = 0.0
    progress: float = 0.0
    validations: Milestones = field(default_factory=lambda: Milestones(()))
    norms: Milestones = field(
        default_factory=lambda: Milestones(i / NORM_MEASUREMENTS for i in range(NORM_MEASUREMENTS))
    )
    unseen: deque[TrainingEvent] = field(default_factory=deque)

    def state(self) -> State:
        """All of it, as plain values."""
        return State(
            values={
                **{name: getattr(self, name) for name in COUNTS},
                "validations": list(self.validations.ahead),
                "norms": list(self.norms.ahead),
                "unseen": [event_to_dict(event) for event in self.unseen],
            }
        )

    def restore(self, state: State) -> None:
        """Be where the training was."""
        for name in COUNTS:
            setattr(self, name, state.values[name])
        self.validations, self.norms = Milestones(state.values["validations"]), Milestones(state.values["norms"])
        self.unseen = deque(cast(TrainingEvent, event_from_dict(event)) for event in state.values["unseen"])
