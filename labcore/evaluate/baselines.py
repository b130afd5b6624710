"""What a distilled student is to be measured against: the same student, taught without its teacher or from nothing.

Both take as many optimiser steps as the run they are compared with, or as many seconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

from labcore.config.ineffective import starts_random
from labcore.config.loss_terms import HARD, LOSS_TERMS
from labcore.config.spec import Spec
from labcore.config.training import DistilConfig, Final
from labcore.data.tasks import load_task

Baseline = Literal["no teacher", "random start"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)


def baseline(spec: Spec, kind: Baseline) -> Spec:
    """The spec of a baseline of `spec`.

    no teacher: the same student and steps, on the true labels alone (so without sentences that have none).
    random start: the same shapes and lesson, all weights drawn anew.
    """
    config = spec.distil
    if kind == "random start":
        return replace(spec, distil=replace(config, start="random"))
    off = {term.name: 0.0 for term in LOSS_TERMS} | {HARD.name: 1.0}
    same_length = {} if config.transfer == 0 else {"steps": training_steps(spec)}
    alone: DistilConfig = replace(config, **off, schedule="constant", final=Final(), transfer=0, **same_length)  # type: ignore[arg-type]
    return replace(spec, distil=alone, assistant=None)


def without_teacher(spec: Spec) -> Spec | None:
    """The spec of the same student taught without its teacher; None where it is taught so already."""
    return baseline(spec, "no teacher") if spec.distil.from_teacher else None


def baselines_of(spec: Spec) -> tuple[Baseline, ...]:
    """The baselines that are another run than the spec's own: not the one that it is itself, nor a random start of a student that
    starts at random already."""
    return tuple(
        kind
        for kind in BASELINES
        if baseline(spec, kind) != spec and not (kind == "random start" and starts_random(spec))
    )


def training_steps(spec: Spec) -> int | None:
    """The optimiser steps of a spec's lesson; None where it is counted in seconds."""
    config = spec.distil
    if config.steps is not None or config.seconds is not None:
        return config.steps
    sentences = len(load_task(spec.task).splits["train"]) + config.transfer
    return config.epochs * -(-sentences // config.batch_size)


def is_baseline(spec: Spec) -> bool:
    """Whether a spec is a baseline rather than a distilled student."""
    return spec.distil.start == "random" or not spec.distil.from_teacher
