"""Low rank: each encoder matrix W (out × in), and the word embeddings, as a product of two thin ones.

The truncated singular value decomposition is the best approximation of its rank in the Frobenius norm, and
its error is the root of the sum of the squared singular values that it drops (Eckart and Young, 1936,
https://doi.org/10.1007/BF02288367). What matters more is the error of the *output*: with inputs x of mean μ
and covariance C = S·Sᵀ, E‖(W − Ŵ)(x − μ)‖² is the Frobenius error of (W − Ŵ)·S, so the best Ŵ of a rank is the truncated
SVD of W·S, times S⁻¹ (DRONE, Chen et al., 2021, https://papers.neurips.cc/paper/2021/hash/f56de5ef149cf0aedcc8f4797031e229-Abstract.html;
SVD-LLM, Wang et al., 2024, https://arxiv.org/abs/2403.07378). The mean goes into the bias: b̂ = b + (W − Ŵ)·μ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from labcore.compress.calibration import Calibration
from labcore.compress.covariance import Moments, input_moments
from labcore.compress.student import Student, WeightsNeeded
from labcore.config.spec import Factorise, FactoriseEmbeddings, SpecError
from labcore.models import encoder
from labcore.models.low_rank import LowRankEmbedding, LowRankLinear


def break_even_rank(n_out: int, n_in: int) -> int:
    """The largest rank whose two factors hold fewer numbers than the matrix: below out·in / (out + in)."""
    return (n_out * n_in - 1) // (n_out + n_in)


def rank_for_energy(singular: Tensor, energy: float) -> int:
    """The least rank whose squared singular values (falling order) are at least this share of all."""
    kept = singular.double().square().cumsum(0)
    return min(int((kept < energy * kept[-1] * (1 - 1e-9)).sum()) + 1, len(singular))


@dataclass(frozen=True)
class Parts:
    """A matrix W (out × in) taken apart: the SVD u·diag(singular)·vh of W·S, and what undoes S on the right."""

    u: Tensor  # (out, k)
    singular: Tensor  # (k,), falling
    vh: Tensor  # (k, in), of W·S and then times S⁻¹
    mean: Tensor | None = None  # (in,), of the inputs, where S was not the identity

    def factors(self, rank: int) -> tuple[Tensor, Tensor]:
        """up (out × rank) and down (rank × in). Each takes the root of the singular values, so both train alike."""
        root = self.singular[:rank].sqrt()
        return (self.u[:, :rank] * root).contiguous(), (root[:, None] * self.vh[:rank]).contiguous()


def decompose(weight: Tensor, moments: Moments | None = None) -> Parts:
    """The full decomposition of `weight` (out × in), for inputs with these moments where given."""
    if moments is None:
        u, s, vh = torch.linalg.svd(weight, full_matrices=False)
        return Parts(u, s, vh)
    root, inverse = moments.roots
    u, s, vh = torch.linalg.svd(weight.double() @ root, full_matrices=False)
    return Parts(u.float(), s.float(), (vh @ inverse).float(), moments.mean.float())


@torch.no_grad()
def factorise(student: Student, step: Factorise, calibration: Calibration | None) -> None:
    """Replace the encoder matrices by two factors each.

    By `rank` all of them; by `energy` only those that the factors make smaller, the others stay whole.
    Raises SpecError for a rank that no matrix here can have, WeightsNeeded for an energy without weights.
    """
    matrices = encoder.encoder_matrices(student.model)
    for name, module in matrices.items():
        if not isinstance(module, nn.Linear):
            raise SpecError(
                "factorise comes twice, but the factors can't be factorised again; keep one, with the rank that you want"
            )
        limit = min(module.weight.shape)
        if step.rank is not None and step.rank > limit:
            raise SpecError(
                f"factorise.rank is {step.rank}, but {name} is {module.out_features} × {module.in_features} "
                f"and has at most rank {limit}; give 1 to {limit} (below {break_even_rank(*module.weight.shape)} it saves parameters)"
            )
    if student.on_meta and step.energy is not None:
        raise WeightsNeeded(
            "factorise by 'energy' chooses each rank from the weights' singular values, and this teacher has none; give a 'rank'"
        )
    parts = None if student.on_meta else parts_of(student, step, calibration)
    for name, module in matrices.items():
        assert isinstance(module, nn.Linear)  # checked above
        rank = step.rank
        if rank is None:
            assert parts is not None
            assert step.energy is not None
            rank = rank_for_energy(parts(name).singular, step.energy)
            if rank > break_even_rank(*module.weight.shape):
                continue
        with torch.device("meta"):  # no random start is drawn
            factors = LowRankLinear(module.in_features, module.out_features, rank, module.bias is not None)
        if parts is not None:
            kept = _fill(factors, module, parts(name), rank)
            student.energy[name] = student.energy.get(name, 1.0) * kept
        student.model.set_submodule(name, factors)


def _fill(factors: LowRankLinear, whole: nn.Linear, parts: Parts, rank: int) -> float:
    """Give the factors their values; returns the share of the matrix's energy that they keep."""
    up, down = parts.factors(rank)
    factors.up.weight, factors.down.weight = nn.Parameter(up), nn.Parameter(down)
    if whole.bias is not None:
        factors.up.bias = whole.bias
    if parts.mean is None:
        squares = parts.singular.square()
        return float(squares[:rank].sum() / squares.sum())
    if whole.bias is not None:
        factors.up.bias = nn.Parameter(whole.bias + whole.weight @ parts.mean - up @ (down @ parts.mean))
    error = whole.weight - up @ down
    return 1 - float(error.square().sum() / whole.weight.square().sum())


def parts_of(student: Student, step: Factorise, calibration: Calibration | None) -> Callable[[str], Parts]:
    """A function that takes an encoder matrix apart by its path: once for the student as it is now and the step's method."""
    if step.method == "activation" and calibration is None:
        raise SpecError("factorise by 'activation' needs training sentences, and none are at hand; give method 'svd'")
    matrices = encoder.encoder_matrices(student.model)
    weights = {name: module.weight for name, module in matrices.items() if isinstance(module, nn.Linear)}
    measured: dict[str, Moments] = {}

    def moments_of(name: str) -> Moments | None:
        if step.method == "svd" or calibration is None:
            return None
        if not measured:
            measured.update(input_moments(student.model, calibration.sample(student.vocabulary)))
        return measured[name]

    def taken(name: str) -> Parts:
        if calibration is None:
            return decompose(weights[name], moments_of(name))
        group = ("parts", student.origin, student.steps, student.seed, step.method)
        return calibration.remember(group, name, lambda: decompose(weights[name], moments_of(name)))

    return taken


@torch.no_grad()
def factorise_embeddings(student: Student, step: FactoriseEmbeddings) -> None:
    """Replace the word embeddings by a thin table and a matrix (as ALBERT does: https://arxiv.org/abs/1909.11942)."""
    path, words = encoder.word_embeddings(student.model)
    if not isinstance(words, nn.Embedding):
        raise SpecError("factorise_embeddings comes twice; keep one, with the rank that you want")
    limit = min(words.weight.shape)
    if step.rank > limit:
        raise SpecError(
            f"factorise_embeddings.rank is {step.rank}, but the table has at most rank {limit}; give 1 to {limit}"
        )
    with torch.device("meta"):  # no random start is drawn
        factors = LowRankEmbedding(words.num_embeddings, words.embedding_dim, step.rank, words.padding_idx)
    if not student.on_meta:
        # The left factor of a table this tall is W·V/σ; the small Gram matrix gives V and σ² (hidden × hidden).
        codes, up = _tall_factors(words.weight, step.rank)
        factors.codes.weight, factors.up.weight = nn.Parameter(codes), nn.Parameter(up)
    student.model.set_submodule(path, factors)


def _tall_factors(table: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """codes (V × rank) and up (hidden × rank) whose product codes·upᵀ is the best of its rank, of like size each."""
    squares, v = torch.linalg.eigh(table.double().T @ table.double())  # rising order
    v, singular = v.flip(1)[:, :rank], squares.flip(0)[:rank].clamp_min(1e-20).sqrt()
    scale = (singular / len(table) ** 0.5).sqrt()  # entries of both factors of like size
    # Contiguous, as they will be when they are loaded again: products of other layouts differ in the last bits.
    return (table.double() @ v / scale).float().contiguous(), (v * scale).float().contiguous()
