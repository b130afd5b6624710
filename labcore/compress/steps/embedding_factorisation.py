"""Low-rank embeddings: the word embeddings (vocabulary × hidden) as a thin table times a small matrix.

As ALBERT does: Lan et al., 2019, https://arxiv.org/abs/1909.11942
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.compress.zeros import Remade, unknown_zeros, zeros_left
from labcore.config.checks import SpecError
from labcore.config.steps import FactoriseEmbeddings
from labcore.models import encoder
from labcore.models.low_rank import LowRankEmbedding


@apply_step.register(FactoriseEmbeddings)
@torch.no_grad()
def factorise_embeddings(step: FactoriseEmbeddings, student: Student, calibration: Calibration | None) -> None:
    """Replace the word embeddings by a thin table and a matrix.

    Raises SpecError for a second such step, and for a rank that the table can't have.
    """
    path, words = encoder.word_embeddings(student.model)
    if not isinstance(words, nn.Embedding):
        raise SpecError("factorise_embeddings comes twice; keep one, with the rank that you want")
    limit = min(words.weight.shape)
    if step.rank > limit:
        raise SpecError(
            f"factorise_embeddings.rank is {step.rank}, but the table has at most rank {limit}; give 1 to {limit}"
        )
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


@zeros_left.register(FactoriseEmbeddings)
def _zeros_left(step: FactoriseEmbeddings, made: Remade, student: Student) -> Tensor:
    """The matrix has none; a table row of zeros gets a code of zeros. Raises WeightsNeeded for a row of some zeros."""
    if made.name.endswith(".up.weight"):
        return torch.zeros(len(made.new), dtype=torch.long)
    width = made.old.shape[1]
    if set(made.zeros.tolist()) <= {0, width}:
        return made.zeros // width * made.new.shape[1]
    raise unknown_zeros(step)
