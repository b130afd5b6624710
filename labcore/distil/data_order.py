"""The order of the batches in a training: epoch after epoch, each in an order of its own."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from labcore.data.batches import Batch, Encoded, training_batches
from labcore.distil.checkpoint import State


class DataOrder:
    """Batches without end, on a device. Their order follows from the seed alone."""

    def __init__(self, train: Encoded, batch_size: int, seed: int, device: torch.device):
        self.train, self.batch_size, self.device = train, batch_size, device
        self.generator = torch.Generator().manual_seed(seed)
        self._begin()

    def __next__(self) -> Batch:
        batch = next(self._epoch, None)
        if batch is None:
            self._begin()
            batch = next(self._epoch)
        self.taken += 1
        return batch

    def state(self) -> State:
        """The generator at the start of this epoch, and how many of its batches are over."""
        return State({"generator": self._at_start}, {"taken": self.taken})

    def restore(self, state: State) -> None:
        """Begin the same epoch, and pass over the same batches."""
        self.generator.set_state(state.tensors["generator"].clone())
        self._begin()
        for _ in range(state.values["taken"]):
            next(self)

    def _begin(self) -> None:
        self._at_start = self.generator.get_state()
        self._epoch: Iterator[Batch] = training_batches(self.train, self.batch_size, self.generator, self.device)
        self.taken = 0  # batches of this epoch that are over
