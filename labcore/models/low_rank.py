"""Linear maps and embeddings in two factors, and removing rows or columns of any of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Linear(nn.Linear):
    """A linear map that has shapes only until it is given its values: drawing some takes longer than all else here."""

    def __init__(self, n_in: int, n_out: int, bias: bool):
        super().__init__(n_in, n_out, bias, device="meta")

    def reset_parameters(self) -> None:
        """Draw no values."""


class LowRankLinear(nn.Module):
    """x ↦ up(down(x)): `down` is rank × in without bias, `up` is out × rank with the bias of the matrix it replaces.

    It has shapes only, until both are given their values.
    """

    def __init__(self, n_in: int, n_out: int, rank: int, bias: bool = True):
        super().__init__()
        self.down = Linear(n_in, rank, bias=False)
        self.up = Linear(rank, n_out, bias=bias)

    def forward(self, x: Tensor) -> Tensor:  # (…, in) → (…, out)
        return self.up(self.down(x))


class LowRankEmbedding(nn.Module):
    """token ↦ up(codes[token]): `codes` is vocabulary × rank, `up` is hidden × rank without bias.

    It has shapes only, until both are given their values.
    """

    def __init__(self, vocabulary: int, hidden: int, rank: int, padding: int | None = None):
        super().__init__()
        self.codes = nn.Embedding(vocabulary, rank, padding_idx=padding, device="meta")
        self.up = Linear(rank, hidden, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:  # (…,) → (…, hidden)
        return self.up(self.codes(tokens))


@torch.no_grad()
def matrix_of(module: nn.Module) -> Tensor:
    """The matrix (out × in) that a linear map applies, whole or in factors."""
    if isinstance(module, LowRankLinear):
        return module.up.weight @ module.down.weight
    assert isinstance(module, nn.Linear)
    return module.weight


def outputs_of(module: nn.Module) -> int:
    """The number of outputs of a linear map, whole or in factors."""
    top = module.up if isinstance(module, LowRankLinear) else module
    rows: int = top.out_features  # type: ignore[assignment]  # PEFT wraps some linear maps
    return rows


def keep_outputs(module: nn.Module, kept: Tensor) -> None:
    """Keep these rows (indices) of a linear map's matrix and of its bias."""
    top = module.up if isinstance(module, LowRankLinear) else module
    assert isinstance(top, nn.Linear)
    top.weight = _kept(top.weight, kept, 0)
    if top.bias is not None:
        top.bias = _kept(top.bias, kept, 0)
    top.out_features = len(kept)


def keep_inputs(module: nn.Module, kept: Tensor) -> None:
    """Keep these columns (indices) of a linear map's matrix."""
    bottom = module.down if isinstance(module, LowRankLinear) else module
    assert isinstance(bottom, nn.Linear)
    bottom.weight = _kept(bottom.weight, kept, 1)
    bottom.in_features = len(kept)


def keep_tokens(module: nn.Module, kept: Tensor) -> None:
    """Keep these rows (indices) of an embedding; the padding row moves with its token."""
    table = module.codes if isinstance(module, LowRankEmbedding) else module
    assert isinstance(table, nn.Embedding)
    table.weight = _kept(table.weight, kept, 0)
    table.num_embeddings = len(kept)


@torch.no_grad()
def _kept(parameter: Tensor, kept: Tensor, dim: int) -> nn.Parameter:
    return nn.Parameter(parameter.index_select(dim, kept.to(parameter.device)), parameter.requires_grad)
