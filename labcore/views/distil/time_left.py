"""How far a run is, and how long it will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labcore.config.training import DistilConfig
from labcore.results.record import Event, Preparing, TrainStep, Validation
from labcore.views.words import duration


@dataclass(frozen=True)
class Progress:
    """`share` (0 to 1) of the present phase, and a line that says what happens and how long it will take."""

    share: float
    words: str


def progress(events: Sequence[Event], seconds: float | None = None) -> Progress:
    """The progress that a run's events so far tell of; `seconds` is the lesson's length where it is counted in them."""
    for event in reversed(events):
        if isinstance(event, TrainStep):
            share = min(
                1.0, max(event.share, event.step / event.steps)
            )  # when it began, which older runs lack; and after it
            left = event.elapsed * (1 - share) / share if seconds is None else max(0.0, seconds - event.elapsed)
            of = f"of {event.steps:,}" if seconds is None else f"of about {event.steps:,}"
            speed = event.sentences / event.seconds
            return Progress(
                share, f"The student learns: step {event.step:,} {of}, {_left(left)}, {speed:.0f} sentences/s"
            )
        if isinstance(event, Preparing):
            left = event.elapsed / event.done * (event.total - event.done)
            return Progress(
                event.done / event.total, f"The teacher reads {event.total:,} sentences, once: {_left(left)}"
            )
    return Progress(0.0, "Loading the teacher")


def _left(seconds: float) -> str:
    return f"about {duration(seconds)} left" if seconds >= 1 else "nearly done"


def early_end(config: DistilConfig, events: Sequence[Event]) -> str | None:
    """Where patience ended a lesson before its time: when, and why; None where it did not."""
    steps = [event for event in events if isinstance(event, TrainStep)]
    validations = [event for event in events if isinstance(event, Validation)]
    if config.patience is None or not steps or steps[-1].step >= steps[-1].steps:
        return None
    last, since = steps[-1], [point.best for point in reversed(validations)]
    if True not in since or since.index(True) < config.patience:
        return None
    best = validations[-1 - since.index(True)].step
    when = (
        f"after step {last.step:,} of {last.steps:,}" if config.seconds is None
        else f"after {last.elapsed:.0f} of {config.seconds:g} seconds"
    )  # fmt: skip
    times = "1 validation" if config.patience == 1 else f"{config.patience} validations in a row"
    kept = (
        f"the student of step {best:,}, which is kept"
        if best
        else "the student as it was before the lesson, which is kept"
    )
    return f"The lesson ended early, {when}: {times} found none better than {kept}."
