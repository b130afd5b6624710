"""The progress of a run, and the time that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labcore.config.training import DistilConfig
from labcore.results.events import Event, Preparing, Resumed, TrainStep, Validation
from labcore.views.words import duration


@dataclass(frozen=True)
class Progress:
    """`fraction` (0 to 1) of the present phase, and a line with what happens and the time left."""

    fraction: float
    words: str


def progress(events: Sequence[Event], seconds: float | None = None) -> Progress:
    """The progress by a run's events so far. `seconds` is the length of the training if it is in seconds."""
    for i, event in reversed(list(enumerate(events))):
        if isinstance(event, Resumed) and event.step:
            return Progress(progress(events[:i], seconds).fraction, f"Resuming after step {event.step:,}")
        if isinstance(event, TrainStep):
            # Older runs lack the progress at the step's start; the second is that at its end.
            fraction = min(1.0, max(event.progress, event.step / event.steps))
            left = event.elapsed * (1 - fraction) / fraction if seconds is None else max(0.0, seconds - event.elapsed)
            of = f"of {event.steps:,}" if seconds is None else f"of about {event.steps:,}"
            speed = event.examples / event.seconds
            return Progress(fraction, f"Training: step {event.step:,} {of}, {_left(left)}, {speed:.0f} examples/s")
        if isinstance(event, Preparing):
            left = event.elapsed / event.done * (event.total - event.done)
            return Progress(
                event.done / event.total,
                f"Computing the teacher's targets for {event.total:,} examples, once: {_left(left)}",
            )
    return Progress(0.0, "Loading the teacher")


def _left(seconds: float) -> str:
    return f"about {duration(seconds)} left" if seconds >= 1 else "nearly done"


def resumed_in_words(events: Sequence[Event]) -> str:
    """That and after which steps a run has resumed, to follow a sentence; empty if it has not."""
    steps = sorted({event.step for event in events if isinstance(event, Resumed) and event.step})
    return f". Resumed after step {', '.join(f'{step:,}' for step in steps)}" if steps else ""


def early_end(config: DistilConfig, events: Sequence[Event]) -> str | None:
    """When and why patience ended a training early; None if it did not."""
    steps = [event for event in events if isinstance(event, TrainStep)]
    validations = [event for event in events if isinstance(event, Validation)]
    if config.patience is None or not steps or steps[-1].step >= steps[-1].steps:
        return None
    last, newest_first = steps[-1], [event.best for event in reversed(validations)]
    if True not in newest_first or newest_first.index(True) < config.patience:
        return None
    best = validations[-1 - newest_first.index(True)].step
    when = (
        f"after step {last.step:,} of {last.steps:,}" if config.seconds is None
        else f"after {last.elapsed:.0f} of {config.seconds:g} seconds"
    )  # fmt: skip
    times = "1 validation" if config.patience == 1 else f"{config.patience} validations in a row"
    student = f"The student of step {best:,}" if best else "The untrained student"
    return f"Training ended early, {when}: {times} without a better student. {student} is kept."
