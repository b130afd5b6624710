"""A student: a BERT classifier of its own, and the zeros that it must keep."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import BertForSequenceClassification

FINE_TUNING_RATE = 2e-4  # for a student that starts from the teacher's weights
FROM_SCRATCH_RATE = 5e-4  # for one that starts at random; 1e-3 collapsed to a constant answer


@dataclass
class Student:
    """What `derive` makes.

    masks: by parameter name, true where a weight may live; held through training by `after_step`.
    zeros: by parameter name, the exact number of weights held at zero (known on the meta device too).
    unplaced: zeros of a global pruning without weights: their number is exact, their places are unknown.
    """

    model: BertForSequenceClassification
    masks: dict[str, Tensor] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)
    unplaced: int = 0
    learning_rate: float = FINE_TUNING_RATE

    @property
    def on_meta(self) -> bool:
        """Whether the model has shapes only, no values."""
        return next(self.model.parameters()).is_meta

    @torch.no_grad()
    def after_step(self) -> None:
        """Set what was pruned to zero again: an optimiser's momentum moves weights whose gradient is zero."""
        for name, mask in self.masks.items():
            self.model.get_parameter(name).mul_(mask)
