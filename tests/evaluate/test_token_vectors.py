"""The model without an encoder against independent computations: the mean by hand, the head by scipy."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from labcore.data.batches import Encoded
from labcore.evaluate.metrics import accuracy
from labcore.evaluate.token_vectors import PENALTIES, TokenVectorModel, best_head, fit_head, mean_vectors

rows = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6).map(tuple), min_size=1, max_size=8)


@given(rows)
def test_the_mean_leaves_out_special_tokens(tokens: list[tuple[int, ...]]) -> None:
    vectors = torch.randn(10, 3, generator=torch.Generator().manual_seed(0))
    means = mean_vectors(vectors, Encoded(tuple(tokens), torch.zeros(len(tokens)), 0), special={0, 1, 2})
    for row, mean in zip(tokens, means, strict=True):
        real = [vectors[token].double().numpy() for token in row if token > 2]
        expected = np.mean(real, axis=0) if real else np.zeros(3)
        np.testing.assert_allclose(mean.numpy(), expected, atol=1e-12)


def scipys(means: NDArray[np.float64], labels: NDArray[np.int64], classes: int, penalty: float) -> NDArray[np.float64]:
    """Logits of the head that minimises the same loss, written again with numpy and minimised by scipy."""
    inputs = (means - means.mean(0)) / means.std(0)
    n, width = inputs.shape
    onehot = np.eye(classes)[labels]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight, bias = flat[: classes * width].reshape(classes, width), flat[classes * width :]
        logits = inputs @ weight.T + bias
        value = -(onehot * log_softmax(logits, axis=1)).sum() / n + penalty * (weight**2).sum()
        rest = (softmax(logits, axis=1) - onehot) / n
        return value, np.concatenate([(rest.T @ inputs + 2 * penalty * weight).ravel(), rest.sum(0)])

    fitted = minimize(loss, np.zeros(classes * (width + 1)), jac=True, method="BFGS", options={"gtol": 1e-8}).x
    weight, bias = fitted[: classes * width].reshape(classes, width), fitted[classes * width :]
    logits: NDArray[np.float64] = inputs @ weight.T + bias
    return logits


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 4), st.sampled_from(PENALTIES))
def test_the_head_is_the_minimum_that_scipy_finds(seed: int, classes: int, penalty: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    means = torch.randn(60, 5, generator=generator).double() * torch.tensor([0.01, 1, 1, 5, 100]) + 3
    labels = torch.randint(classes, (60,), generator=generator)
    head = fit_head(means, labels, classes, penalty)
    expected = scipys(means.numpy(), labels.numpy(), classes, penalty)
    centred = head.logits(means) - head.logits(means).mean(1, keepdim=True)  # a constant for all classes is free
    np.testing.assert_allclose(centred.numpy(), expected - expected.mean(1, keepdims=True), atol=1e-4)
    elsewhere = fit_head(means, labels, classes, penalty, start=fit_head(means, labels, classes, 0.5))
    torch.testing.assert_close(elsewhere.logits(means).softmax(-1), head.logits(means).softmax(-1), atol=1e-4, rtol=0)


def test_a_constant_feature_does_no_harm() -> None:
    means = torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 0.1], [1.0, 0.9]]).double()
    labels = torch.tensor([0, 1, 0, 1])
    assert accuracy(fit_head(means, labels, 2, 0.01).logits(means), labels) == 1.0


def test_the_validation_split_chooses_the_penalty_and_equal_ones_take_the_first() -> None:
    generator = torch.Generator().manual_seed(0)
    means, labels = torch.randn(80, 40, generator=generator).double(), torch.randint(2, (80,), generator=generator)
    train, validation = (means[:40], labels[:40]), (means[40:], labels[40:])
    head, reached = best_head(train, validation, 2)
    every = [accuracy(fit_head(*train, 2, penalty).logits(validation[0]), validation[1]) for penalty in PENALTIES]
    assert reached == max(every)
    assert head.penalty == PENALTIES[every.index(max(every))]
    again, _ = best_head(train, validation, 2)
    assert torch.equal(again.weight, head.weight)


def test_the_module_computes_what_the_head_does() -> None:
    vectors = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    tokens = ((3, 4, 5), (9, 9, 6))
    model = TokenVectorModel(vectors, 3)
    means = mean_vectors(vectors, Encoded(tokens, torch.zeros(2), 0), special=())
    with torch.inference_mode():
        expected = means.float() @ model.head.weight.T + model.head.bias
        torch.testing.assert_close(model(torch.tensor(tokens)), expected)


def test_means_of_nothing_are_zero() -> None:
    means = mean_vectors(torch.ones(4, 2), Encoded(((0,), (0, 1)), torch.zeros(2), 0), special={0})
    assert means.tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert means.dtype == torch.float64
