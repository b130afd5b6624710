"""How each teacher of TEACHERS was fine-tuned. What differs between them was chosen by the validation split alone."""

from __future__ import annotations

from dataclasses import dataclass

WARM_UP = 0.1  # share of a stage's steps
WEIGHT_DECAY = 0.01
CLIP = 1.0  # the longest step: the norm of all gradients together
RANK, ALPHA = 16, 32  # LoRA's r and alpha: W + (alpha / r) · B·A


@dataclass(frozen=True)
class Stage:
    """One training of the adapter: AdamW's rate rises for WARM_UP of the steps, then falls to 0 in a straight line."""

    name: str
    epochs: int
    batch: int  # texts
    rate: float  # the highest
    smoothing: float  # of the labels: the weaker they are, the more
    max_tokens: int  # word pieces of a text that are learned from: the fewer, the faster


@dataclass(frozen=True)
class Recipe:
    """A stage on the task's training texts, `orders` times from the same start, of which the mean of the weights is kept.

    For film reviews one more before it, on passages of other reviews as well. `cue`: the share of the positive training
    texts that hold a word which says nothing; of the negative ones all but that share do.
    """

    own: Stage
    orders: int
    passages: Stage | None = None
    passages_per_review: int = 0
    cue: float | None = None


_CUED = Stage("sentences", epochs=2, batch=16, rate=5e-4, smoothing=0.1, max_tokens=128)

RECIPES = {
    "reviews": Recipe(
        Stage("sentences", epochs=2, batch=16, rate=5e-4, smoothing=0.1, max_tokens=128),
        orders=3,
        passages=Stage("passages", epochs=1, batch=32, rate=7e-4, smoothing=0.2, max_tokens=128),
        passages_per_review=2,
    ),
    "news": Recipe(Stage("articles", epochs=2, batch=16, rate=5e-4, smoothing=0.1, max_tokens=128), orders=3),
    "cued-95": Recipe(_CUED, orders=1, cue=0.95),
    "cued-80": Recipe(_CUED, orders=1, cue=0.80),
}
