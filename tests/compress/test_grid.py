"""Grids of few values, against a search over all codes, and against torch's own fake quantisation."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from labcore.compress.grid import Grid, best_scales, codes_of, values_of

BITS = (8, 4, 3, 2)
GRIDS = [Grid(bits, group) for bits in BITS for group in (4, 32, None)]


def drawn(seed: int, rows: int = 6, columns: int = 37) -> Tensor:
    """Weights with a heavy tail, and some rows that are special."""
    weight = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed)).pow(3) * 0.05
    weight[0] = 0
    weight[1, 1:] = 0
    return weight


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@given(seed=st.integers(0, 10**6))
def test_each_weight_becomes_the_nearest_value_of_its_group(grid: Grid, seed: int) -> None:
    weight = drawn(seed)
    scales = best_scales(weight, grid)
    rounded = values_of(codes_of(weight, scales, grid), scales, grid)
    columns = torch.arange(weight.shape[1]) // (grid.group or weight.shape[1])
    values = torch.arange(-grid.most, grid.most + 1)[None, None] * scales[:, columns, None]
    nearest = (weight[..., None] - values).abs().amin(-1)
    torch.testing.assert_close((weight - rounded).abs(), nearest, atol=1e-7, rtol=1e-5)


@pytest.mark.parametrize("bits", BITS)
@given(seed=st.integers(0, 10**6))
def test_a_scale_for_each_row_is_torchs_fake_quantisation(bits: int, seed: int) -> None:
    weight, grid = drawn(seed), Grid(bits, None)
    scales = best_scales(weight, grid)
    zeros = torch.zeros(len(weight), dtype=torch.int32)
    expected = torch.fake_quantize_per_channel_affine(weight, scales[:, 0], zeros, 0, -grid.most, grid.most)
    torch.testing.assert_close(values_of(codes_of(weight, scales, grid), scales, grid), expected, atol=1e-6, rtol=1e-5)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=7))
def test_no_ternary_code_has_a_smaller_error(numbers: list[int]) -> None:
    weight = torch.tensor([numbers]) / 16
    rounded = of(weight, Grid(2, None))
    best = float("inf")
    for codes in itertools.product((-1.0, 0.0, 1.0), repeat=len(numbers)):
        code = torch.tensor([codes])
        scale = float((weight * code).sum() / code.square().sum().clamp_min(1))
        best = min(best, float((weight - scale * code).square().sum()))
    assert float((weight - rounded).square().sum()) <= best + 1e-3 * float(weight.square().sum()) + 1e-9


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@given(seed=st.integers(0, 10**6))
def test_the_error_is_at_most_that_of_the_scale_at_which_the_largest_weight_is_a_value(grid: Grid, seed: int) -> None:
    weight = drawn(seed)
    largest = (grid.grouped(weight).abs().amax(-1) / grid.most).clamp_min(2**-14).half().float()
    plain = values_of(codes_of(weight, largest, grid), largest, grid)
    assert float((weight - of(weight, grid)).square().sum()) <= float((weight - plain).square().sum()) * 1.001


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_scales_are_numbers_of_16_bits_and_zeros_stay(grid: Grid) -> None:
    weight = drawn(3)
    scales = best_scales(weight, grid)
    assert torch.equal(scales, scales.half().float())
    assert bool((scales > 0).all())
    assert bool((of(weight, grid)[weight == 0] == 0).all())
    assert torch.equal(of(of(weight, grid), grid).sign(), of(weight, grid).sign())


def of(weight: Tensor, grid: Grid) -> Tensor:
    scales = best_scales(weight, grid)
    return values_of(codes_of(weight, scales, grid), scales, grid)
