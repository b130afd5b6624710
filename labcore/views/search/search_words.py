"""A search in words: its goal, what happens, and its result."""

from __future__ import annotations

from collections.abc import Callable

from labcore.config.spec import Spec
from labcore.results.evaluation import MeanDifference
from labcore.results.events import Event
from labcore.search.history import Design, History
from labcore.search.outcome_data import Candidate, SearchOutcome
from labcore.search.ranking import Ranking
from labcore.search.search_events import (
    DesignMeasured,
    Failed,
    Proposed,
    Rung,
    SearchEvent,
    StateChanged,
    TeacherMeasured,
)
from labcore.search.search_settings import SIZE_WORDS, Goal, SearchSettings, Size
from labcore.views.words import duration, millions, percent, student_in_words

RUNG_WORDS: dict[Rung, str] = {
    "untrained": "before training",
    "short": "after a short training",
    "full": "after a full training",
}
ENDS = {
    "running": "It runs",
    "paused": "It is paused",
    "stopped": "It was stopped",
    "finished": "It has finished",
}


def size_in_words(size: float, measure: Size) -> str:
    """A size with its unit: `1.23 M parameters`, `4.9 MB`, `33.6 M multiply-accumulates`, `1.32 ms`."""
    match measure:
        case "bytes":
            return f"{size / 1e6:,.{0 if size >= 1e8 else 1 if size >= 1e7 else 2}f} MB"
        case "ms":
            return f"{size:,.2f} ms"
        case _:
            return f"{millions(round(size))} {SIZE_WORDS[measure]}"


def goal_in_words(goal: Goal) -> str:
    """Such as `the smallest student by parameters, at most 2 points below its teacher`."""
    if goal.within is not None:
        return f"the smallest student by {SIZE_WORDS[goal.size]}, at most {points(goal.within)} below its teacher"
    return f"the most accurate student of at most {size_in_words(goal.limit or 0.0, goal.size)}"


def points(number: float) -> str:
    """`1 point`, `2 points`, `0.5 points`."""
    return f"{number:g} point{'' if number == 1 else 's'}"


def budget_in_words(search: SearchSettings, history: History) -> str:
    """What is spent and what is left: `4 min 02 s of 20 min 00 s`, or steps."""
    write: Callable[[float], str] = duration if search.unit == "seconds" else _steps
    return f"{write(history.spent)} of {write(search.budget)}"


def left_in_words(search: SearchSettings, history: History) -> str:
    """What is left of the budget: `about 16 min`, or `800 steps`."""
    left = max(0.0, search.budget - history.spent)
    return duration(left) if search.unit == "seconds" else _steps(left)


def state_in_words(history: History, *, carried_out: bool) -> str:
    """Whether it runs, pauses or has ended, and why: a sentence."""
    if history.state == "running" and not carried_out:
        return "It was cut off; resume it."
    reason = f": {history.reason.rstrip('.')}" if history.reason else ""
    return f"{ENDS[history.state]}{reason}."


def doing_in_words(history: History) -> str:
    """What a search that runs does now."""
    if history.begun is not None:
        seed = f", seed {history.begun.seed}" if history.begun.seed else ""
        return f"Design {history.begun.number} has its {history.begun.rung} training{seed}."
    if history.teacher is None:
        return "The teacher is measured."
    return f"Designs are proposed and measured before training: {len(history.designs)} so far."


def design_in_words(search: SearchSettings, design: Design) -> str:
    """A design's steps and its size."""
    student = student_in_words(Spec(teacher=search.teacher, task=search.task, steps=design.steps))
    size = "" if design.size is None else f" ({size_in_words(design.size, search.goal.size)})"
    return f"{student}{size}"


def event_in_words(event: Event | SearchEvent, search: SearchSettings, history: History) -> str | None:
    """A line of progress; None for an event that needs none. history: after the event."""
    match event:
        case TeacherMeasured():
            size = size_in_words(event.size, search.goal.size)
            return f"teacher: {percent(event.accuracy, 1)} on validation examples, {size}"
        case Proposed() if event.verdict == "kept":
            return f"design {event.number}: {design_in_words(search, history[event.number])}"
        case DesignMeasured():
            line = f"design {event.number}: {percent(event.accuracy, 1)} {RUNG_WORDS[event.rung]}"
            seed = f", seed {event.seed}" if event.seed else ""
            return f"{line}{seed}; {left_in_words(search, history)} left"
        case Failed():
            return f"design {event.number} was given up: {event.reason}"
        case StateChanged():
            return state_in_words(history, carried_out=True)
        case _:
            return None


def outcome_in_words(search: SearchSettings, history: History, outcome: SearchOutcome | None) -> str:
    """The result in sentences, its uncertainty with it."""
    if outcome is None or outcome.smallest is None:
        return (
            f"No design was trained fully, so there is no result; give the search more time.{_nearest(search, history)}"
        )
    best = outcome.smallest
    student = design_in_words(search, history[best.number])
    accuracy = f"{percent(best.test, 1)} on test, the teacher {percent(outcome.teacher_test or 0.0, 1)}"
    lines = [f"{_verdict(search, outcome)} {student}: {accuracy}.", _probability(search, best)]
    if outcome.difference is not None:
        lines.append(_against_runner_up(search, outcome.candidates[1], outcome.difference))
    if len(best.runs) == 1:
        lines.append("It was trained with one seed, so these probabilities leave out the spread over seeds.")
    return " ".join(lines)


def _nearest(search: SearchSettings, history: History) -> str:
    """The best design so far and its accuracy, if none was trained fully."""
    best = None if history.teacher is None else Ranking(search, history).best_so_far()
    if best is None or best.rung is None:
        return ""
    accuracy = percent(best.at(best.rung) or 0.0, 1)
    return f" The best so far is {design_in_words(search, best)}: {accuracy} {RUNG_WORDS[best.rung]}."


def _verdict(search: SearchSettings, outcome: SearchOutcome) -> str:
    if not outcome.meets:
        return "No student meets the goal on validation examples. The nearest is"
    return "The smallest is" if search.goal.within is not None else "The most accurate is"


def _probability(search: SearchSettings, best: Candidate) -> str:
    if search.goal.within is None:
        return f"The probability that it is the most accurate of the fully trained students is {percent(best.best)}."
    return (
        f"The probability that it is within {points(search.goal.within)} is {percent(best.within)}; that it is the "
        f"smallest of the fully trained students within them, {percent(best.best)}."
    )


def _against_runner_up(search: SearchSettings, other: Candidate, difference: MeanDifference) -> str:
    interval = f"{100 * difference.low:+.1f} to {100 * difference.high:+.1f}"
    return (
        f"Against the runner-up, design {other.number} with {size_in_words(other.size, search.goal.size)}: "
        f"{100 * difference.difference:+.1f} points on the same test examples ({interval})."
    )


def _steps(number: float) -> str:
    return f"{number:,.0f} steps"
