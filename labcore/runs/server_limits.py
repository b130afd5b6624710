"""What one person, and all together, may ask of this server: numbers of waiting jobs, and the size of one training.

The host sets them by environment variables. A lab that only its own machine can reach has wide limits, because it has
one person; one that others can reach has limits for a class. docs/classroom.md has the table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from labcore.config.checks import SpecError, shown
from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec
from labcore.data.tasks import load_task
from labcore.evaluate.baselines import training_steps
from labcore.results.counts import Comparison
from labcore.runs.time_estimate import making_time
from labcore.system.host import free_bytes

BYTES = 4  # of a number in fp32
COPIES = 5  # of a trained number: weight, gradient, two moments, best checkpoint
TABLE_COPIES = 2  # of a number of the token embeddings at least: weight and best checkpoint
MAKING_PARAMETERS = 22_700_000  # of the lab's MiniLM, which a fine-tuning trains


@dataclass(frozen=True)
class Limit:
    """One limit. single, shared: the default on a lab of one person, and on one for a class."""

    variable: str
    single: float
    shared: float
    help: str


LIMITS = {
    "waiting": Limit("LAB_MAX_WAITING", 1_000, 100, "jobs of one person that wait"),
    "waiting_in_all": Limit("LAB_MAX_WAITING_IN_ALL", 10_000, 1_000, "jobs of all people that wait"),
    "steps": Limit("LAB_MAX_STEPS", 1_000_000, 20_000, "optimiser steps of one run"),
    "seconds": Limit("LAB_MAX_SECONDS", 604_800, 7_200, "expected seconds of one run"),
    "work": Limit("LAB_MAX_WORK", 1e17, 1e14, "training examples × parameters of one run"),
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of a server; see LIMITS for what each is of."""

    waiting: float
    waiting_in_all: float
    steps: float
    seconds: float
    work: float


def limits(*, shared: bool) -> Limits:
    """The limits that the environment sets, else the defaults.

    Raises SpecError for a value that is not a number above 0.
    """
    return Limits(**{name: _value(limit, limit.shared if shared else limit.single) for name, limit in LIMITS.items()})


def _value(limit: Limit, default: float) -> float:
    given = os.environ.get(limit.variable)
    if not given:
        return default
    try:
        value = float(given)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise SpecError(
            f"{limit.variable} is {shown(given)}; give a number above 0: the most {limit.help}, such as "
            f"{_number(limit.shared)}; or leave it out"
        )
    return value


def run_refusal(allowed: Limits, spec: Spec, counts: Comparison, seconds: float | None) -> str | None:
    """Why this server does not train a spec with these counts; None if it does.

    seconds: the expected time of the run; None if it is unknown. Raises SpecError if the spec's task is not here.
    """
    steps = training_steps(spec)
    if (why := _too_long(allowed, steps, seconds)) is not None:
        return why
    if steps is not None:
        examples = steps * spec.distil.batch_size
        if (why := _too_much_work(allowed, examples, counts.student.total)) is not None:
            return why
    needed, free = memory_needed(counts), free_bytes()
    if needed > free:
        return (
            f"training this student takes at least {needed / 1e9:,.1f} GB of memory, but {free / 1e9:,.1f} GB are "
            "free; design a smaller student"
        )
    return None


def making_refusal(allowed: Limits, config: FineTuning) -> str | None:
    """Why this server does not carry out a fine-tuning; None if it does. Raises SpecError if its task is not here."""
    examples = len(load_task(config.task).splits["train"])
    epochs = config.epochs_for(examples)
    steps = epochs * -(-examples // config.batch_size)
    why = _too_long(allowed, steps, making_time(config).seconds)
    return why or _too_much_work(allowed, epochs * examples, MAKING_PARAMETERS)


def waiting_refusal(allowed: Limits, new: int, own: int, in_all: int) -> str | None:
    """Why `new` jobs can't be queued beside `own` waiting ones of this person and `in_all` of everybody."""
    if own + new > allowed.waiting:
        return (
            f"you have {_jobs(own)} waiting and ask for {new:,} more, but one person may have "
            f"{_number(allowed.waiting)} waiting; wait until some have ended, or cancel some"
        )
    if in_all + new > allowed.waiting_in_all:
        return (
            f"{_jobs(in_all)} wait on this server and you ask for {new:,} more, but {_number(allowed.waiting_in_all)} "
            "may wait in all; try again when some have ended"
        )
    return None


def memory_needed(counts: Comparison) -> int:
    """The bytes that a training takes at least: a lower bound of what `labcore.runs.memory` computes exactly."""
    student = counts.student
    table = student.parts["embeddings"]
    return BYTES * (COPIES * (student.total - table) + TABLE_COPIES * table + counts.teacher.total)


def _too_long(allowed: Limits, steps: int | None, seconds: float | None) -> str | None:
    if steps is not None and steps > allowed.steps:
        return (
            f"this training has {steps:,} steps, but this server allows {_number(allowed.steps)}; give fewer steps or "
            "epochs, or larger batches"
        )
    if seconds is not None and seconds > allowed.seconds:
        return (
            f"this training is expected to take {_minutes(seconds)}, but this server allows "
            f"{_minutes(allowed.seconds)}; give fewer steps or epochs, or a smaller student"
        )
    return None


def _too_much_work(allowed: Limits, examples: int, parameters: int) -> str | None:
    if examples * parameters > allowed.work:
        return (
            f"this training has {examples:,} examples × {parameters:,} parameters = {examples * parameters:.1e}, but "
            f"this server allows {allowed.work:.1e}; train on fewer examples, or design a smaller student"
        )
    return None


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count:,} jobs"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) and value < 1e12 else f"{value:g}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"
