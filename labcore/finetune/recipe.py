"""How a built-in teacher was fine-tuned. Only the validation split decided what differs between recipes.

Standard library only: each task carries the recipes of its teachers.
"""

from __future__ import annotations

from dataclasses import dataclass

WARM_UP = 0.1  # of a stage's steps
WEIGHT_DECAY = 0.01
CLIP = 1.0  # the largest norm of all gradients together
RANK, ALPHA = 16, 32  # LoRA's r and alpha: W + (alpha / r) · B·A


@dataclass(frozen=True)
class TrainingStage:
    """One training of the adapter: AdamW's rate rises for WARM_UP of the steps, then falls linearly to 0."""

    name: str
    epochs: int
    batch: int  # examples
    rate: float  # the highest learning rate
    smoothing: float  # of the labels: the weaker they are, the more
    max_tokens: int  # of an example in training: the fewer, the faster


@dataclass(frozen=True)
class Recipe:
    """A stage on the task's training examples, `orders` times from the same start; the mean of the weights is kept.

    passages: a stage before it, on weakly labelled passages as well. cue: the fraction of the positive training
    examples that hold an uninformative word; the negative ones hold it in the remaining fraction.
    """

    teacher: str
    own: TrainingStage
    orders: int
    passages: TrainingStage | None = None
    passages_per_review: int = 0
    cue: float | None = None
