"""A matrix of low rank: its error, the rank at which it breaks even, and full rank as the original."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.steps.factorisation import decompose
from labcore.config.steps import Factorise
from labcore.config.steps.factorise import break_even_rank
from labcore.evaluate.metrics import predict
from tests.shared.tiny import TINY, tiny_examples


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_svd_error_is_the_root_of_the_dropped_squares(n_out: int, n_in: int, data: st.DataObject) -> None:
    torch.manual_seed(data.draw(st.integers(0, 999)))
    weight = torch.randn(n_out, n_in, dtype=torch.float64)
    rank = data.draw(st.integers(1, min(n_out, n_in)))
    up, down = decompose(weight).factors(rank)
    assert up.shape == (n_out, rank)
    assert down.shape == (rank, n_in)
    dropped = torch.linalg.svdvals(weight)[rank:]
    torch.testing.assert_close(
        torch.linalg.norm(weight - up @ down), dropped.square().sum().sqrt(), atol=1e-9, rtol=1e-9
    )


def test_full_rank_is_the_original(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Factorise(TINY.hidden)]).model
    encoded = tiny_examples(20)
    torch.testing.assert_close(predict(student, encoded), predict(tiny, encoded), atol=1e-4, rtol=1e-4)


def test_a_low_rank_student_is_not_the_original(tiny: BertForSequenceClassification) -> None:
    encoded = tiny_examples(20)
    assert not torch.allclose(predict(derive(tiny, [Factorise(2)]).model, encoded), predict(tiny, encoded), atol=1e-2)


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_break_even_rank_is_the_last_that_saves(n_out: int, n_in: int) -> None:
    rank = break_even_rank(n_out, n_in)
    assert rank * (n_out + n_in) < n_out * n_in or rank == 0
    assert (rank + 1) * (n_out + n_in) >= n_out * n_in


def test_break_even_of_known_matrices() -> None:
    # At m·n/(m+n) itself both are equally large, so the last rank that saves is one below where that is whole.
    assert [break_even_rank(768, 768), break_even_rank(768, 3072), break_even_rank(384, 384)] == [383, 614, 191]
