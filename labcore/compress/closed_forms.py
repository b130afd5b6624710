"""Weights in closed form: ridge regression for a matrix, least squares for a LayerNorm, the main directions of states.

Shapes: n tokens; H the teacher's hidden size, D the student's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from labcore.models.placement import in_float64, to_host

RIDGE = 0.2  # the cost of a weight's change, as a fraction of the inputs' mean variance


def fit(linear: nn.Linear, inputs: Tensor, outputs: Tensor, prior: Tensor) -> None:
    """Ridge regression around `prior` W₀: the W, b that minimise mean |x Wᵀ + b − y|² + λ |W − W₀|².

    inputs x: (n, in). outputs y: (n, out). Without a bias in `linear`, b is 0.
    Hoerl and Kennard, 1970, https://doi.org/10.1080/00401706.1970.10488634
    """
    centre, middle = (inputs.mean(0), outputs.mean(0)) if linear.bias is not None else (0.0, 0.0)
    x, y = inputs - centre, outputs - middle
    gram = in_float64(x.T @ x)
    penalty = RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
    moved = torch.linalg.solve(gram + penalty, in_float64(x.T @ (y - x @ prior.T))).T  # (out, in)
    linear.weight.copy_(in_float64(prior) + moved)
    if linear.bias is not None:
        linear.bias.copy_(middle - linear.weight @ centre)


def normalise(norm: nn.LayerNorm, summed: Tensor, wanted: Tensor) -> Tensor:
    """Give `norm` the gains, and the biases if it has any, that bring it nearest to `wanted` (n, D).

    Returns its output for `summed`.
    """
    plain = layer_norm(summed, norm.normalized_shape, eps=norm.eps)
    centre, middle = (plain.mean(0), wanted.mean(0)) if norm.bias is not None else (0.0, 0.0)
    x, y = plain - centre, wanted - middle
    norm.weight.copy_((x * y).sum(0) / x.square().sum(0).clamp_min(1e-12))
    if norm.bias is not None:
        norm.bias.copy_(middle - norm.weight * centre)
    return norm(summed)


def principal(states: list[Tensor], size: int) -> Tensor:
    """The top eigenvectors (H, size) of the states' pooled second moments; the identity if all are kept."""
    pooled = torch.cat(states)
    if size == pooled.shape[1]:
        return torch.eye(size, device=pooled.device)
    # In ascending order; on the host, because another library may flip a sign, and so make another student.
    _, vectors = torch.linalg.eigh(to_host(pooled.T @ pooled).double())
    return vectors[:, -size:].flip(1).to(pooled.device, torch.float)


def gains(norm: nn.LayerNorm, basis: Tensor) -> Tensor:
    """The teacher's gains along the basis, diag(basisᵀ Γ basis) (D,); values near 0 become 0.001."""
    gain = norm.weight @ basis.square()
    return gain.masked_fill(gain.abs() < 1e-3, 1e-3)
