"""The baselines of a distilled student: the same student trained without its teacher, or from a random start.

Both take as many optimiser steps as the run that they are compared with, or as many seconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

from labcore.config.ineffective import starts_random
from labcore.config.loss_terms import HARD, LOSS_TERMS
from labcore.config.spec import Spec
from labcore.config.training import Final
from labcore.data.tasks import split_sizes

Baseline = Literal["no teacher", "random start"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)


def baseline(spec: Spec, kind: Baseline) -> Spec:
    """The spec of a baseline of `spec`.

    no teacher: the same student and steps, on the true labels only, so without transfer examples, which have none.
    random start: the same shapes and training configuration, all weights re-initialised.
    """
    config = spec.distil
    if kind == "random start":
        return replace(spec, distil=replace(config, start="random"))
    weights = {term.name: 0.0 for term in LOSS_TERMS} | {HARD.name: 1.0}
    changes: dict[str, Any] = {**weights, "schedule": "constant", "final": Final(), "transfer": 0}
    if config.transfer > 0:
        changes["steps"] = training_steps(spec)  # an epoch would have fewer steps without transfer examples
    return replace(spec, distil=replace(config, **changes), assistant=None)


def without_teacher(spec: Spec) -> Spec | None:
    """The spec of the same student trained without its teacher; None if it is trained so already."""
    return baseline(spec, "no teacher") if spec.distil.from_teacher else None


def baselines_of(spec: Spec) -> tuple[Baseline, ...]:
    """The baselines that differ from the spec itself.

    A student that starts at random has no random-start baseline: it would be the same run.
    """
    return tuple(
        kind
        for kind in BASELINES
        if baseline(spec, kind) != spec and not (kind == "random start" and starts_random(spec))
    )


def training_steps(spec: Spec) -> int | None:
    """The optimiser steps of a spec's training; None if its length is in seconds."""
    config = spec.distil
    if config.steps is not None or config.seconds is not None:
        return config.steps
    examples = split_sizes(spec.task)["train"] + config.transfer
    return config.epochs * -(-examples // config.batch_size)


def is_baseline(spec: Spec) -> bool:
    """Whether a spec is a baseline rather than a distilled student."""
    return spec.distil.start == "random" or not spec.distil.from_teacher
