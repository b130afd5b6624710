"""The similarity of a student's layers with its teacher's, measured on a sample of the training examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from labcore.data.batches import Encoded, batch_of
from labcore.distil.cka import similarities
from labcore.distil.live_teacher import LiveTeacher, real_tokens
from labcore.distil.precision import autocast
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.placement import device_of, to_host

SAMPLE = 256  # examples on which layers are compared
GROUP = 64  # of them in one batch: of similar length, or most of it would be padding


def sample_of(examples: int) -> Tensor:
    """The indices (N,) of at most SAMPLE training examples out of `examples`, always the same ones."""
    return torch.randperm(examples, generator=torch.Generator().manual_seed(0))[:SAMPLE]


@torch.no_grad()
def mean_states(model: Classifier, encoded: Encoded, index: Tensor) -> list[Tensor]:
    """After each layer the mean state over each example's tokens, in fp32, also under autocast: a list of (N, H).

    They are computed where the model is, and compared on the host.
    """
    by_length = torch.tensor([len(encoded.tokens[i]) for i in index.tolist()]).argsort(stable=True)
    groups = []
    for group in index[by_length].split(GROUP):
        batch = batch_of(encoded, group.tolist(), device_of(model))
        mask = real_tokens(batch)[..., None]
        with autocast(False):
            states = encoder.forward(model, batch.ids, batch.mask, batch.types, all_tokens=True).states
        groups.append([to_host((state * mask).sum(1) / mask.sum(1)) for state in states])
    return [torch.cat(layer)[by_length.argsort()] for layer in zip(*groups, strict=True)]


@dataclass
class LayerSimilarity:
    """Compares the layers of a student with its teacher's on the examples `sample` (N,) of `train`."""

    train: Encoded
    teacher: LiveTeacher
    sample: Tensor

    @cached_property
    def _teacher_states(self) -> list[Tensor]:
        """Computed once: the teacher does not change."""
        return mean_states(self.teacher.model, self.teacher.encoded, self.sample)

    def measure(self, student: Classifier) -> list[list[float]]:
        """Linear CKA of every student layer (a row) with every teacher layer (a column), without dropout."""
        training = student.training
        student_states = mean_states(student.eval(), self.train, self.sample)
        student.train(training)
        return similarities(student_states, self._teacher_states)
