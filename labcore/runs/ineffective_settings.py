"""Settings of a spec without effect, as far as its task decides it. Needs no torch, so a page may ask at once."""

from __future__ import annotations

from labcore.config.ineffective import NoEffect, asked_without_effect
from labcore.config.spec import Spec
from labcore.data.tasks import split_sizes


def ineffective_settings(spec: Spec) -> tuple[NoEffect, ...]:
    """Those that somebody asked for. The task's examples are counted only if a patience depends on them."""
    config, examples = spec.distil, None
    if config.patience is not None and config.steps is None and config.seconds is None:
        examples = split_sizes(spec.task)["train"] + config.transfer
    return asked_without_effect(spec, examples)
