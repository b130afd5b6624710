"""Low rank: each encoder matrix W (out × in) as a product of two thin ones.

The truncated singular value decomposition is the best approximation of its rank in the Frobenius norm, and
its error is the root of the sum of the squared singular values that it drops (Eckart and Young, 1936,
https://doi.org/10.1007/BF02288367).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.spec import Factorise, SpecError
from labcore.student.student import Student
from labcore.teacher import bert


class LowRankLinear(nn.Module):
    """x ↦ up(down(x)): `down` is rank × in without bias, `up` is out × rank with the bias of the matrix it replaces."""

    def __init__(self, n_in: int, n_out: int, rank: int, bias: bool = True):
        super().__init__()
        self.down = nn.Linear(n_in, rank, bias=False)
        self.up = nn.Linear(rank, n_out, bias=bias)

    def forward(self, x: Tensor) -> Tensor:  # (…, in) → (…, out)
        return self.up(self.down(x))


def break_even_rank(n_out: int, n_in: int) -> int:
    """The largest rank whose two factors hold fewer numbers than the matrix: below out·in / (out + in)."""
    return (n_out * n_in - 1) // (n_out + n_in)


def truncated_svd(weight: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Factors (out × rank) and (rank × in) of the best rank-`rank` approximation of `weight` (out × in).

    Each takes the root of the singular values, so that both are of like size and train alike.
    """
    u, s, vh = torch.linalg.svd(weight, full_matrices=False)
    root = s[:rank].sqrt()
    return u[:, :rank] * root, root[:, None] * vh[:rank]


@torch.no_grad()
def factorise(student: Student, step: Factorise) -> None:
    """Replace every encoder matrix by two factors. Raises SpecError for a rank that no matrix here can have."""
    matrices = bert.encoder_matrices(student.model)
    for name, module in matrices.items():
        if not isinstance(module, nn.Linear):
            raise SpecError(
                "factorise comes twice, but the factors can't be factorised again; keep one, with the rank that you want"
            )
        limit = min(module.weight.shape)
        if step.rank > limit:
            raise SpecError(
                f"factorise.rank is {step.rank}, but {name} is {module.out_features} × {module.in_features} "
                f"and has at most rank {limit}; give 1 to {limit} (below {break_even_rank(*module.weight.shape)} it saves parameters)"
            )
    for name, module in matrices.items():
        assert isinstance(module, nn.Linear)  # checked above
        with torch.device(module.weight.device):
            factors = LowRankLinear(module.in_features, module.out_features, step.rank, module.bias is not None)
        if not student.on_meta:
            up, down = truncated_svd(module.weight, step.rank)
            factors.up.weight.copy_(up)
            factors.down.weight.copy_(down)
            if module.bias is not None:
                factors.up.bias.copy_(module.bias)
        student.model.set_submodule(name, factors)
