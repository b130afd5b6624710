"""The teacher in memory, for outputs that are too large to be cached: it runs in each training step."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from labcore.data.batches import Batch, Encoded, batch_of
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.placement import device_of, placed


@dataclass(frozen=True)
class LiveTeacher:
    """The teacher or its assistant, with the training examples as its own tokenizer encodes them.

    same_tokens: (N,) true for examples that are tokenised identically for student and teacher; None if all are. Only
    those can be compared token by token.
    """

    model: Classifier
    encoded: Encoded
    same_tokens: Tensor | None = None

    def placed(self) -> LiveTeacher:
        """The same, with its model on the chosen device: see `labcore.models.placement.placed`."""
        return replace(self, model=placed(self.model))

    @torch.no_grad()
    def outputs(self, index: Tensor) -> tuple[encoder.EncoderOutput, Tensor]:
        """The teacher's outputs for all tokens of these examples, and the mask (B, T) of real tokens."""
        batch = batch_of(self.encoded, index.tolist(), device_of(self.model))
        return encoder.forward(self.model, batch.ids, batch.mask, batch.types, all_tokens=True), real_tokens(batch)

    def tokenised_identically(self, index: Tensor) -> Tensor:
        """The positions in `index` of examples that are tokenised identically for student and teacher."""
        if self.same_tokens is None:
            return torch.arange(len(index))
        return self.same_tokens[index].nonzero().flatten()


def real_tokens(batch: Batch) -> Tensor:
    """The mask (B, T) of a batch, also if it has no padding."""
    return torch.ones_like(batch.ids, dtype=torch.bool) if batch.mask is None else batch.mask
