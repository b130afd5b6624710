"""How far a run is, and how long it will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labcore.record import Event, Preparing, TrainStep
from labcore.views.words import duration


@dataclass(frozen=True)
class Progress:
    """`share` (0 to 1) of the present phase, and a line that says what happens and how long it will take."""

    share: float
    words: str


def progress(events: Sequence[Event]) -> Progress:
    """The progress that a run's events so far tell of."""
    for event in reversed(events):
        if isinstance(event, TrainStep):
            left = event.elapsed / event.step * (event.steps - event.step)
            speed = event.sentences / event.seconds
            return Progress(
                event.step / event.steps,
                f"The student learns: step {event.step} of {event.steps}, {_left(left)}, {speed:.0f} sentences/s",
            )
        if isinstance(event, Preparing):
            left = event.elapsed / event.done * (event.total - event.done)
            return Progress(
                event.done / event.total, f"The teacher reads {event.total:,} sentences, once: {_left(left)}"
            )
    return Progress(0.0, "Loading the teacher")


def _left(seconds: float) -> str:
    return f"about {duration(seconds)} left" if seconds >= 1 else "nearly done"
