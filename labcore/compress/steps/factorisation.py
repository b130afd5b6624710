"""Low rank: each encoder matrix W (out × in) as a product of two thin ones.

The truncated singular value decomposition is the best approximation of its rank in the Frobenius norm. Its error is
the root of the sum of the squared singular values that it drops (Eckart and Young, 1936,
https://doi.org/10.1007/BF02288367).

What matters more is the error of the *output*. With inputs x of mean μ and covariance C = S·Sᵀ, E‖(W − Ŵ)(x − μ)‖² is
the Frobenius error of (W − Ŵ)·S. So the best Ŵ of a rank is the truncated SVD of W·S, times S⁻¹ (DRONE, Chen et al.,
2021, https://papers.neurips.cc/paper/2021/hash/f56de5ef149cf0aedcc8f4797031e229-Abstract.html;
SVD-LLM, Wang et al., 2024, https://arxiv.org/abs/2403.07378). The mean goes into the bias: b̂ = b + (W − Ŵ)·μ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.covariance import Moments, input_moments
from labcore.compress.student import Student, WeightsNeeded
from labcore.compress.zeros import Remade, unknown_zeros, zeros_left
from labcore.config.checks import SpecError
from labcore.config.steps import Factorise
from labcore.config.steps.factorise import break_even_rank
from labcore.models import encoder
from labcore.models.low_rank import LowRankLinear


def rank_for_energy(singular: Tensor, energy: float) -> int:
    """The least rank whose squared singular values (falling order) are at least the fraction `energy` of all."""
    kept = singular.double().square().cumsum(0)
    return min(int((kept < energy * kept[-1] * (1 - 1e-9)).sum()) + 1, len(singular))


@dataclass(frozen=True)
class Decomposition:
    """The SVD u·diag(singular)·vh of W·S for a matrix W (out × in), and what undoes S on the right."""

    u: Tensor  # (out, k)
    singular: Tensor  # (k,), falling
    vh: Tensor  # (k, in), of W·S and then times S⁻¹
    mean: Tensor | None = None  # (in,), of the inputs; None if S was the identity

    def factors(self, rank: int) -> tuple[Tensor, Tensor]:
        """up (out × rank) and down (rank × in). Each takes the root of the singular values, so both train alike."""
        root = self.singular[:rank].sqrt()
        return (self.u[:, :rank] * root).contiguous(), (root[:, None] * self.vh[:rank]).contiguous()


def decompose(weight: Tensor, moments: Moments | None = None) -> Decomposition:
    """The full decomposition of `weight` (out × in), for inputs with these moments if they are given."""
    if moments is None:
        u, s, vh = torch.linalg.svd(weight, full_matrices=False)
        return Decomposition(u, s, vh)
    root, inverse = moments.roots
    u, s, vh = torch.linalg.svd(weight.double() @ root, full_matrices=False)
    return Decomposition(u.float(), s.float(), (vh @ inverse).float(), moments.mean.float())


@apply_step.register(Factorise)
@torch.no_grad()
def factorise(step: Factorise, student: Student, calibration: Calibration | None) -> None:
    """Replace the encoder matrices by two factors each.

    By `rank` all of them; by `energy` only those that the factors make smaller.
    Raises SpecError for a rank that no matrix here can have, WeightsNeeded for an energy without weights.
    """
    matrices = encoder.encoder_matrices(student.model)
    for name, module in matrices.items():
        if not isinstance(module, nn.Linear):
            raise SpecError(
                "factorise comes twice, but the factors can't be factorised again; "
                "keep one, with the rank that you want"
            )
        limit = min(module.weight.shape)
        if step.rank is not None and step.rank > limit:
            raise SpecError(
                f"factorise.rank is {step.rank}, but {name} is {module.out_features} × {module.in_features} "
                f"and has at most rank {limit}; give 1 to {limit} "
                f"(below {break_even_rank(*module.weight.shape)} it saves parameters)"
            )
    if student.on_meta and step.energy is not None:
        raise WeightsNeeded(
            "factorise by 'energy' chooses each rank from the weights' singular values, and this teacher has no "
            "weights; give a 'rank'"
        )
    decomposition_of = None if student.on_meta else decompositions(student, step, calibration)
    for name, module in matrices.items():
        assert isinstance(module, nn.Linear)  # checked above
        rank = step.rank
        if rank is None:
            assert decomposition_of is not None
            assert step.energy is not None
            rank = rank_for_energy(decomposition_of(name).singular, step.energy)
            if rank > break_even_rank(*module.weight.shape):
                continue
        factors = LowRankLinear(module.in_features, module.out_features, rank, module.bias is not None)
        if decomposition_of is not None:
            kept = _fill(factors, module, decomposition_of(name), rank)
            student.energy[name] = student.energy.get(name, 1.0) * kept
        student.model.set_submodule(name, factors)


def _fill(factors: LowRankLinear, matrix: nn.Linear, decomposed: Decomposition, rank: int) -> float:
    """Give the factors their values; returns the fraction of the matrix's energy that they keep."""
    up, down = decomposed.factors(rank)
    factors.up.weight, factors.down.weight = nn.Parameter(up), nn.Parameter(down)
    if matrix.bias is not None:
        factors.up.bias = matrix.bias
    if decomposed.mean is None:
        squares = decomposed.singular.square()
        return float(squares[:rank].sum() / squares.sum())
    if matrix.bias is not None:
        factors.up.bias = nn.Parameter(matrix.bias + matrix.weight @ decomposed.mean - up @ (down @ decomposed.mean))
    error = matrix.weight - up @ down
    return 1 - float(error.square().sum() / matrix.weight.square().sum())


def decompositions(
    student: Student, step: Factorise, calibration: Calibration | None
) -> Callable[[str], Decomposition]:
    """A function of an encoder matrix's path: its decomposition for the student as it is now and the step's method.

    The calibration data keep what was decomposed. Raises SpecError for activations without calibration data.
    """
    if step.method == "activation" and calibration is None:
        raise SpecError("factorise by 'activation' needs training examples, and there are none; give method 'svd'")
    matrices = encoder.encoder_matrices(student.model)
    weights = {name: module.weight for name, module in matrices.items() if isinstance(module, nn.Linear)}
    measured: dict[str, Moments] = {}

    def moments_of(name: str) -> Moments | None:
        if step.method == "svd" or calibration is None:
            return None
        if not measured:
            measured.update(input_moments(student.model, calibration.sample(student.vocabulary)))
        return measured[name]

    def decomposition_of(name: str) -> Decomposition:
        if calibration is None:
            return decompose(weights[name], moments_of(name))
        group = ("parts", student.origin, student.steps, student.seed, step.method)
        return calibration.remember(group, name, lambda: decompose(weights[name], moments_of(name)))

    return decomposition_of


@zeros_left.register(Factorise)
def _zeros_left(step: Factorise, made: Remade, student: Student) -> Tensor:
    """The bias keeps its zeros, unless the inputs' mean goes into it. Raises WeightsNeeded for the factors."""
    if step.method == "svd" and made.name.endswith(".bias"):
        return made.zeros
    raise unknown_zeros(step)
