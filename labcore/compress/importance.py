"""How much a layer's heads and neurons matter, by their weights or by what the loss would feel."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.hooks import RemovableHandle
from transformers import BertForSequenceClassification

from labcore.config.spec import SpecError
from labcore.data.batches import Encoded, evaluation_batches
from labcore.models import encoder
from labcore.models.architecture import Role
from labcore.models.low_rank import matrix_of


@torch.no_grad()
def by_magnitude(model: BertForSequenceClassification) -> list[tuple[Tensor, Tensor]]:
    """For each layer the scores of its heads (heads,) and neurons (intermediate,).

    The Euclidean norm of all the weights that would go with one: a head's rows of query, key and value and
    columns of the output; a neuron's row and column of the feed-forward matrices (Li et al., 2017,
    https://arxiv.org/abs/1608.08710, over the group that must go together: https://arxiv.org/abs/2301.12900).
    """
    scores = []
    for layer in range(encoder.architecture_of(model).layers):

        def squares(role: Role, dim: int, layer: int = layer) -> Tensor:
            return matrix_of(model.get_submodule(encoder.matrix_name(layer, role))).square().sum(dim)

        attended = squares("query", 1) + squares("key", 1) + squares("value", 1) + squares("output", 0)
        heads = attended.unflatten(0, encoder.heads_in(model, layer)).sum(1)
        scores.append((heads.sqrt(), (squares("up", 1) + squares("down", 0)).sqrt()))
    return scores


def by_taylor(model: BertForSequenceClassification, sentences: Encoded) -> list[tuple[Tensor, Tensor]]:
    """The same by first-order Taylor scores: the mean over sentences of |∂ loss / ∂ gate|.

    Each head and neuron gets a gate of 1 on its output, for each sentence of its own; the gate's gradient is what
    the loss would change if it closed, to first order. Michel et al., 2019, equation 2, https://arxiv.org/abs/1905.10650;
    Molchanov et al., 2017, https://arxiv.org/abs/1611.06440. The loss is the cross-entropy with the true labels.
    """
    shape = encoder.architecture_of(model)
    if int(sentences.labels.max()) >= shape.labels:
        raise SpecError(
            f"Taylor scores need a teacher of the task's {int(sentences.labels.max()) + 1} classes, and this one has "
            f"{shape.labels}; give by 'magnitude'"
        )
    layers = shape.layers
    totals = [(torch.zeros(encoder.heads_in(model, i)[0]), torch.zeros(_neurons(model, i))) for i in range(layers)]
    training = model.training
    model.eval()
    try:
        for batch in evaluation_batches(sentences, size=32):
            gates: list[Tensor] = []
            handles = [
                _gated(model, layer, role, len(batch.index), gates) for layer in range(layers) for role in _GATED
            ]
            try:
                logits = encoder.forward(model, batch.ids, batch.mask).logits
                loss = F.cross_entropy(logits, batch.labels, reduction="sum")
                gradients = torch.autograd.grad(loss, gates)
            finally:
                for handle in handles:
                    handle.remove()
            for layer, (heads, neurons) in enumerate(totals):
                heads += gradients[2 * layer].abs().sum(0)
                neurons += gradients[2 * layer + 1].abs().sum(0)
    finally:
        model.train(training)
    return [(heads / len(sentences), neurons / len(sentences)) for heads, neurons in totals]


_GATED: tuple[Role, ...] = ("output", "down")  # the matrices that read heads and neurons


def _gated(
    model: BertForSequenceClassification, layer: int, role: Role, batch: int, gates: list[Tensor]
) -> RemovableHandle:
    """Put a gate for each sentence and each head or neuron before the matrix that reads them."""
    n, width = encoder.heads_in(model, layer) if role == "output" else (_neurons(model, layer), 1)
    gate = torch.ones(batch, n, requires_grad=True)
    gates.append(gate)

    def through(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (inputs[0] * gate.repeat_interleave(width, 1)[:, None], *inputs[1:])

    return model.get_submodule(encoder.matrix_name(layer, role)).register_forward_pre_hook(through)


def _neurons(model: BertForSequenceClassification, layer: int) -> int:
    return matrix_of(model.get_submodule(encoder.matrix_name(layer, "up"))).shape[0]
