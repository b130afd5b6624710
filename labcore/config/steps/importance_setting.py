"""The setting that heads and neurons share: by which score the important ones are chosen."""

from __future__ import annotations

from typing import Literal

from labcore.config.steps.setting import Choice

Importance = Literal["magnitude", "taylor"]

IMPORTANCE = Choice(
    label="Importance score",
    help="Weight norm: the Euclidean norm of all weights that would be removed. Taylor score: the mean of "
    "|∂ loss / ∂ gate| on the calibration data, 256 training examples. Each layer keeps those with the highest scores.",
    options={"magnitude": "weight norm", "taylor": "Taylor score"},
    chooses_weights=True,
)


def by_score(importance: Importance) -> str:
    """The score in a step's description; empty for the default."""
    return " (by Taylor score)" if importance == "taylor" else ""
