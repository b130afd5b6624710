"""How much a layer's heads and neurons matter, by their weights or by their effect on the loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.hooks import RemovableHandle

from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.config.checks import SpecError
from labcore.config.steps.importance_setting import Importance
from labcore.data.batches import Encoded, evaluation_batches
from labcore.models import encoder
from labcore.models.architecture import Role
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.low_rank import matrix_of
from labcore.models.placement import device_of, placed, to_host


def scores_of(
    student: Student, by: Importance, calibration: Calibration | None, kind: str
) -> list[tuple[Tensor, Tensor]]:
    """Importance of each layer's heads (heads,) and neurons (intermediate,); empty without weights.

    Raises SpecError for Taylor scores without training examples; `kind` is the step that the error names.
    """
    if student.on_meta:
        return []
    if by == "magnitude":
        return by_magnitude(student.model)
    if calibration is None:
        raise SpecError(f"{kind} by 'taylor' needs training examples, and there are none; give by 'magnitude'")
    return by_taylor(student.model, calibration.sample(student.vocabulary))


def important(scores: Tensor | None, n: int) -> Tensor:
    """Indices of the `n` highest scores, in rising order; among equals the first ones. Without scores the first `n`."""
    if scores is None:
        return torch.arange(n)
    return torch.sort(scores, descending=True, stable=True).indices[:n].sort().values


@torch.no_grad()
def by_magnitude(model: Classifier) -> list[tuple[Tensor, Tensor]]:
    """For each layer the scores of its heads (heads,) and neurons (intermediate,).

    The Euclidean norm of all the weights that would go with one: a head's rows of query, key and value and
    columns of the output; a neuron's rows and column of the feed-forward matrices (Li et al., 2017,
    https://arxiv.org/abs/1608.08710, over the group that must go together: https://arxiv.org/abs/2301.12900).
    """
    scores, paths = [], family_of(model.config).layer
    for layer in range(encoder.architecture_of(model).layers):

        def squares(role: Role, dim: int, layer: int = layer) -> Tensor:
            return matrix_of(encoder.matrix(model, layer, role)).square().sum(dim)

        def of_rows(role: Role) -> Tensor:
            return squares(role, 1).unflatten(0, (paths.blocks(role), -1)).sum(0)

        attended = torch.stack([of_rows(role) for role in paths.head_roles]).sum(0) + squares("output", 0)
        heads = attended.unflatten(0, encoder.heads_in(model, layer)).sum(1)
        scores.append((heads.sqrt(), (of_rows("up") + squares("down", 0)).sqrt()))
    return scores


def by_taylor(model: Classifier, examples: Encoded) -> list[tuple[Tensor, Tensor]]:
    """The same by first-order Taylor scores: the mean over examples of |∂ loss / ∂ gate|.

    Each head and neuron gets a gate of 1 on its output, one for each example. To first order, the gate's gradient is
    the change of the loss if the gate closed. The loss is the cross-entropy with the true labels.
    Michel et al., 2019, equation 2, https://arxiv.org/abs/1905.10650;
    Molchanov et al., 2017, https://arxiv.org/abs/1611.06440.
    Raises SpecError for examples of more classes than the model has.
    """
    shape = encoder.architecture_of(model)
    if int(examples.labels.max()) >= shape.labels:
        raise SpecError(
            f"Taylor scores need a teacher of the task's {int(examples.labels.max()) + 1} classes, and this one has "
            f"{shape.labels}; give by 'magnitude'"
        )
    layers, model = shape.layers, placed(model)
    device, training = device_of(model), model.training
    sizes = [(encoder.heads_in(model, layer)[0], encoder.neurons_in(model, layer)) for layer in range(layers)]
    totals = [(torch.zeros(heads, device=device), torch.zeros(neurons, device=device)) for heads, neurons in sizes]
    model.eval()
    try:
        for batch in evaluation_batches(examples, size=32, device=device):
            gates: list[Tensor] = []
            handles = [
                _gated(model, layer, role, len(batch.index), gates) for layer in range(layers) for role in _GATED
            ]
            try:
                logits = encoder.forward(model, batch.ids, batch.mask, batch.types).logits
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
    return [(to_host(heads / len(examples)), to_host(neurons / len(examples))) for heads, neurons in totals]


_GATED: tuple[Role, ...] = ("output", "down")  # the matrices that read heads and neurons


def _gated(model: Classifier, layer: int, role: Role, batch: int, gates: list[Tensor]) -> RemovableHandle:
    """Put a gate for each sentence and each head or neuron before the matrix that reads them."""
    n, width = encoder.heads_in(model, layer) if role == "output" else (encoder.neurons_in(model, layer), 1)
    gate = torch.ones(batch, n, device=device_of(model), requires_grad=True)
    gates.append(gate)

    def through(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (inputs[0] * gate.repeat_interleave(width, 1)[:, None], *inputs[1:])

    return encoder.matrix(model, layer, role).register_forward_pre_hook(through)
