"""Layer maps by position and by likeness, CKA's properties, and the projections' start."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labcore.distil.cka import linear_cka, similar_layer_map, similarities
from labcore.distil.layer_map import Projections, even_layer_map, layer_map


@given(st.integers(1, 24), st.integers(1, 24))
def test_the_last_layer_learns_from_the_last(student: int, teacher: int) -> None:
    layers = even_layer_map(student, teacher)
    assert len(layers) == student
    assert layers[-1] == teacher - 1
    assert all(0 <= a <= b < teacher for a, b in zip(layers, layers[1:] or layers, strict=False))


def test_maps_by_position() -> None:
    assert layer_map("even", 3, 6) == ((0, 1), (1, 3), (2, 5))
    assert layer_map("first", 3, 6) == ((0, 0), (1, 1), (2, 2))
    assert layer_map("last", 3, 6) == ((0, 3), (1, 4), (2, 5))
    assert layer_map("last_only", 3, 6) == ((2, 5),)
    assert layer_map("first", 4, 2) == ((0, 0), (1, 1), (2, 1), (3, 1))
    assert layer_map("last", 4, 2) == ((0, 0), (1, 0), (2, 0), (3, 1))


# -- linear CKA ---------------------------------------------------------------------------------------


def cka_by_formula(x: torch.Tensor, y: torch.Tensor) -> float:
    """With the unbiased HSIC of Song et al., 2012, equation 5, written out."""
    n = len(x)

    def hsic(k: torch.Tensor, ell: torch.Tensor) -> float:
        k, ell = k - torch.diag(k.diag()), ell - torch.diag(ell.diag())
        one = torch.ones(n, dtype=k.dtype)
        return float(
            torch.trace(k @ ell)
            + (one @ k @ one) * (one @ ell @ one) / ((n - 1) * (n - 2))
            - 2 / (n - 2) * (one @ k @ ell @ one)
        ) / (n * (n - 3))

    k, ell = x @ x.T, y @ y.T  # not centred: the unbiased estimate does not need it
    return hsic(k, ell) / (hsic(k, k) * hsic(ell, ell)) ** 0.5


def test_cka_by_its_formula() -> None:
    torch.manual_seed(0)
    x = torch.randn(30, 6, dtype=torch.double)
    y = x[:, :4] + torch.randn(30, 4, dtype=torch.double)
    assert linear_cka(x, y) == pytest.approx(cka_by_formula(x, y), rel=1e-9)


@given(st.integers(0, 99), st.floats(0.01, 50))
def test_cka_is_one_up_to_rotation_scale_and_shift(seed: int, scale: float) -> None:
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(20, 5, generator=draw)
    turn = torch.linalg.qr(torch.randn(5, 5, generator=draw)).Q
    assert linear_cka(x, x) == pytest.approx(1)
    assert linear_cka(x, scale * x @ turn + 3) == pytest.approx(1, rel=1e-4)


@given(st.integers(0, 99))
def test_cka_is_symmetric_and_at_most_one(seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    x, y = torch.randn(12, 7, generator=draw), torch.randn(12, 3, generator=draw)
    assert linear_cka(x, y) == pytest.approx(linear_cka(y, x))
    assert -1 <= linear_cka(x, y) <= 1 + 1e-9


def test_cka_of_unrelated_states_is_about_nothing_though_they_are_wide() -> None:
    torch.manual_seed(0)
    assert abs(linear_cka(torch.randn(256, 384), torch.randn(256, 384))) < 0.03
    assert linear_cka(torch.ones(9, 4), torch.randn(9, 4)) == 0  # a layer that is uninformative


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 99))
def test_the_similar_map_is_the_best_in_order(student: int, teacher: int, seed: int) -> None:
    table = torch.rand(student, teacher, generator=torch.Generator().manual_seed(seed)).tolist()
    orders = (
        itertools.combinations(range(teacher), student)
        if student <= teacher
        else itertools.combinations_with_replacement(range(teacher), student)
    )
    best = max(sum(table[i][j] for i, j in enumerate(order)) for order in orders)
    layers = similar_layer_map(table)
    assert list(layers) == sorted(layers)
    assert sum(table[i][j] for i, j in enumerate(layers)) == pytest.approx(best)


def test_a_student_of_some_layers_finds_them_again() -> None:
    torch.manual_seed(0)
    teacher = [torch.randn(40, 8) for _ in range(6)]
    table = similarities([teacher[1], teacher[2] * 2, teacher[5]], teacher)
    assert similar_layer_map(table) == (1, 2, 5)


# -- projections --------------------------------------------------------------------------------------


def test_projections_are_there_only_between_widths() -> None:
    states = [torch.randn(2, 8), torch.randn(2, 8)]
    assert all(a is b for a, b in zip(Projections(2, 8, 8)(states), states, strict=True))
    assert [tuple(state.shape) for state in Projections(2, 8, 16)(states)] == [(2, 16), (2, 16)]


def test_projections_start_at_the_least_squares() -> None:
    torch.manual_seed(0)
    states = torch.randn(500, 6)
    goal = states @ torch.randn(6, 10) + torch.randn(10)
    projections = Projections(1, 6, 10)
    projections.fit([states], [goal])
    assert float((projections([states])[0] - goal).detach().square().mean()) < 2e-3 * float(goal.var())
