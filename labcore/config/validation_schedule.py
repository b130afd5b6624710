"""The number of validations in a training, and how many of them can end it early. Standard library only."""

from __future__ import annotations

from labcore.config.training import DistilConfig

MIN_VALIDATIONS, MAX_VALIDATIONS = 4, 20  # in a training, without the one before it
EXAMPLES_PER_VALIDATION = 5000  # a validation costs about as much as training on 350 examples
VALIDATION_FRACTION = 0.07  # the same cost, as a fraction of a training whose length is in seconds
RAMP = 0.6  # the fraction of a training in which gradual pruning goes on, and no student can be the best


def validations(config: DistilConfig, examples: int | None, cost: float | None = None) -> int | None:
    """The number of validations in a training on `examples` examples; None if the arguments do not determine it.

    If the length is in seconds, it depends on `cost`, the seconds of one validation. If it is in steps, `examples` can
    be None.
    """
    if config.seconds is not None:
        return (
            None
            if cost is None
            else max(MIN_VALIDATIONS, min(MAX_VALIDATIONS, int(VALIDATION_FRACTION * config.seconds / cost)))
        )
    if config.steps is not None:
        steps, trained = config.steps, config.steps * config.batch_size
    elif examples is not None:
        steps, trained = config.epochs * -(-examples // config.batch_size), config.epochs * examples
    else:
        return None
    return max(1, min(steps, max(MIN_VALIDATIONS, min(MAX_VALIDATIONS, trained // EXAMPLES_PER_VALIDATION))))


def longest_patience(config: DistilConfig, examples: int | None) -> int:
    """The largest patience that can end this training early, by its largest possible number of validations.

    The first student that can be the best is the one before training, or in a gradual pruning the first that is fully
    pruned. Patience that runs out at the last validation ends nothing early.
    """
    times = validations(config, examples) or MAX_VALIDATIONS
    counted = sum(i / times >= RAMP for i in range(1, times + 1)) if config.gradual else times + 1
    return max(0, counted - 2)
