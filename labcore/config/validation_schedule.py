"""How often a student is validated in a training, and how many of the validations can end it early. Standard library only."""

from __future__ import annotations

from labcore.config.training import DistilConfig

LEAST, MOST = 4, 20  # validations of a training, the one before it not counted
EXAMPLES_PER_VALIDATION = 5000  # a validation costs about as much as training on 350 examples
SHARE_OF_VALIDATION = 0.07  # the same, of a training that is counted in seconds
RAMP = 0.6  # of the training, in which a gradual pruning goes on; a student that is not yet pruned can't be the best


def validations(config: DistilConfig, examples: int | None, cost: float | None = None) -> int | None:
    """The number of validations of a training on `examples`, or None if what is given does not fix it.

    A training in seconds depends on `cost`, the seconds that one validation takes. One in steps needs no number of examples.
    """
    if config.seconds is not None:
        return None if cost is None else max(LEAST, min(MOST, int(SHARE_OF_VALIDATION * config.seconds / cost)))
    if config.steps is not None:
        steps, read = config.steps, config.steps * config.batch_size
    elif examples is not None:
        steps, read = config.epochs * -(-examples // config.batch_size), config.epochs * examples
    else:
        return None
    return max(1, min(steps, max(LEAST, min(MOST, read // EXAMPLES_PER_VALIDATION))))


def longest_patience(config: DistilConfig, examples: int | None) -> int:
    """The largest patience that can end this training early; if the number of validations is not fixed, of the most there may be.

    The student before training is the first that may be the best, or in a gradual pruning the first that is fully pruned.
    Patience that ends with the last validation ends nothing.
    """
    times = validations(config, examples) or MOST
    counted = sum(i / times >= RAMP for i in range(1, times + 1)) if config.gradual else times + 1
    return max(0, counted - 2)
