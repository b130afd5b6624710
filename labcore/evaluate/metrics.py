"""How good a model is, and how far it agrees with its teacher."""

from __future__ import annotations

import torch
from torch import Tensor

from labcore.data.batches import Encoded, evaluation_batches
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.placement import device_of, placed, to_host


@torch.no_grad()
def predict(model: Classifier, encoded: Encoded) -> Tensor:
    """Logits (N, C) of every example on the host, without dropout; the model's mode is restored.

    They are computed on the chosen device.
    """
    model = placed(model)
    training = model.training
    model.eval()
    try:
        logits = torch.empty(len(encoded), encoder.architecture_of(model).labels)
        for batch in evaluation_batches(encoded, device=device_of(model)):
            output = encoder.forward(model, batch.ids, batch.mask, batch.types)
            logits[batch.index] = to_host(output.logits.float())  # bf16 under autocast
        return logits
    finally:
        model.train(training)


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Fraction of the examples whose highest logit (N, C) is at the true label (N,)."""
    return float((logits.argmax(-1) == labels).float().mean())


def agreement(logits: Tensor, teacher_logits: Tensor) -> float:
    """Fraction of the examples for which two models predict the same class, right or wrong (top-1 fidelity).

    Stanton et al., 2021, https://arxiv.org/abs/2106.05945
    """
    return float((logits.argmax(-1) == teacher_logits.argmax(-1)).float().mean())
