"""Low rank beyond the plain SVD: by energy, by activations, and of the embeddings."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.covariance import Moments, input_moments
from labcore.compress.derive import derive
from labcore.compress.steps.factorisation import decompose, rank_for_energy
from labcore.compress.student import WeightsNeeded
from labcore.config.spec import SpecError
from labcore.config.steps import Factorise, FactoriseEmbeddings, KeepLayers, Manual, Prune, PruneHeads, Step
from labcore.data.batches import Encoded, encode
from labcore.data.examples import Examples
from labcore.data.tasks import load_task
from labcore.evaluate.metrics import accuracy, predict
from labcore.models import classifier, encoder
from labcore.models.family import BERT
from labcore.models.low_rank import LowRankLinear, matrix_of
from labcore.runs.cache import cached_teacher, calibration_for
from tests.shared.tiny import TINY, tiny_examples


def inputs_by_matrix(model: BertForSequenceClassification, encoded: Encoded) -> dict[str, torch.Tensor]:
    """The inputs of each encoder matrix at every real token, example by example, without padding."""
    rows: dict[str, list[torch.Tensor]] = {}

    def noting(name: str):  # type: ignore[no-untyped-def]
        return lambda module, inputs: rows.setdefault(name, []).append(inputs[0][0])

    handles = [m.register_forward_pre_hook(noting(n)) for n, m in encoder.encoder_matrices(model).items()]
    with torch.no_grad():
        for tokens in encoded.tokens:
            model(torch.tensor([tokens]))
    for handle in handles:
        handle.remove()
    return {name: torch.cat(inputs) for name, inputs in rows.items()}


def test_moments_are_those_of_every_real_token(tiny: BertForSequenceClassification) -> None:
    some = tiny_examples(12)
    moments = input_moments(tiny, some)
    for name, x in inputs_by_matrix(tiny, some).items():
        torch.testing.assert_close(moments[name].mean.float(), x.mean(0), atol=1e-5, rtol=1e-4)
        root, inverse = moments[name].roots
        covariance = torch.cov(x.double().T, correction=0)
        torch.testing.assert_close(root @ root.T, covariance, atol=1e-4, rtol=1e-3)
        torch.testing.assert_close(root @ inverse, torch.eye(len(root)).double(), atol=1e-6, rtol=1e-6)


@given(st.integers(2, 10), st.integers(2, 10), st.data())
def test_the_output_error_is_the_root_of_the_dropped_squares(n_out: int, n_in: int, data: st.DataObject) -> None:
    torch.manual_seed(data.draw(st.integers(0, 999)))
    weight = torch.randn(n_out, n_in)
    x = (torch.randn(200, n_in) @ torch.randn(n_in, n_in) + torch.randn(n_in)).double()
    parts = decompose(weight, Moments(len(x), x.sum(0), x.T @ x))
    rank = data.draw(st.integers(1, min(n_out, n_in)))
    up, down = parts.factors(rank)
    off = (x - x.mean(0)) @ (weight - up @ down).double().T
    dropped = parts.singular[rank:].double().square().sum()
    assert float(off.square().sum(1).mean()) == pytest.approx(float(dropped), rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("rank", [1, 4, 9])
def test_activation_loses_less_output_than_svd_at_equal_rank(
    tiny: BertForSequenceClassification, calibration: Calibration, rank: int
) -> None:
    inputs = inputs_by_matrix(tiny, calibration.sample())
    errors: dict[str, list[float]] = {}
    for method in ("svd", "activation"):
        model = derive(tiny, [Factorise(rank=rank, method=method)], calibration).model  # type: ignore[arg-type]
        for name, x in inputs.items():
            with torch.no_grad():
                off = tiny.get_submodule(name)(x) - model.get_submodule(name)(x)
            errors.setdefault(name, []).append(float(off.square().mean()))
    assert all(weighted <= plain * (1 + 1e-4) for plain, weighted in errors.values())
    assert sum(weighted for _, weighted in errors.values()) < 0.9 * sum(plain for plain, _ in errors.values())


@pytest.mark.full
def test_activation_loses_less_accuracy_of_the_real_teacher_before_training() -> None:
    """Rank 64, on validation examples that the covariances have not seen: about 6 points better than the SVD."""
    teacher, calibration = cached_teacher("reviews"), calibration_for("reviews", "reviews")
    examples = load_task("reviews").splits["validation"]
    some = encode(calibration.tokenizer, Examples(examples.text[:600], examples.labels[:600]), 128)
    accuracies = {
        method: accuracy(
            predict(derive(teacher, [Factorise(rank=64, method=method)], calibration).model, some), some.labels
        )  # type: ignore[arg-type]
        for method in ("svd", "activation")
    }
    assert accuracies["activation"] > accuracies["svd"] + 0.03


# -- by energy ---------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20), st.floats(0.01, 1))
def test_the_rank_for_an_energy_is_the_least_that_keeps_it(values: list[float], energy: float) -> None:
    singular = torch.tensor(sorted(values, reverse=True), dtype=torch.float64)
    rank = rank_for_energy(singular, energy)
    kept = (singular.square().cumsum(0) / singular.square().sum()).tolist()
    assert kept[rank - 1] >= energy * (1 - 1e-6)
    assert rank == 1 or kept[rank - 2] < energy


def test_by_energy_each_matrix_keeps_its_share_or_stays_whole(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Factorise(energy=0.6)])
    unfactorised = 0
    for name, module in encoder.encoder_matrices(student.model).items():
        original = matrix_of(tiny.get_submodule(name))
        if isinstance(module, LowRankLinear):
            kept = 1 - float((original - matrix_of(module)).square().sum() / original.square().sum())
            assert kept >= 0.6 - 1e-5
            assert student.energy[name] == pytest.approx(kept, abs=1e-5)
            assert module.down.weight.numel() + module.up.weight.numel() < original.numel()
        else:
            unfactorised += 1
            assert torch.equal(matrix_of(module), original)
            assert student.energy[name] == 1
    assert len(student.energy) - unfactorised > 0
    everything = derive(tiny, [Factorise(energy=1.0)])
    assert all(isinstance(m, nn.Linear) for m in encoder.encoder_matrices(everything.model).values())


def test_an_energy_without_weights_can_not_be_counted() -> None:
    blueprint = classifier.build(TINY)
    with pytest.raises(WeightsNeeded, match="rank"):
        derive(blueprint, [Factorise(energy=0.9)])


def test_activation_without_calibration_data_is_refused(tiny: BertForSequenceClassification) -> None:
    with pytest.raises(SpecError, match="training examples"):
        derive(tiny, [Factorise(rank=2, method="activation")])


# -- once, then reused -------------------------------------------------------------------------------


def test_a_matrix_is_taken_apart_once_while_a_slider_moves(
    tiny: BertForSequenceClassification, calibration: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    svd = torch.linalg.svd
    monkeypatch.setattr(torch.linalg, "svd", lambda *a, **k: calls.append(1) or svd(*a, **k))
    fresh = [derive(tiny, [Factorise(rank)]).model for rank in (3, 4)]
    assert len(calls) == 2 * 6 * TINY.layers
    calls.clear()
    remembered = [derive(tiny, [Factorise(rank)], calibration).model for rank in (3, 4, 3)]
    derive(tiny, [Factorise(energy=0.5)], calibration)
    assert len(calls) == 6 * TINY.layers
    for first, second in zip(remembered, fresh, strict=False):
        assert all(torch.equal(a, b) for a, b in zip(second.parameters(), first.parameters(), strict=True))


def test_what_is_remembered_belongs_to_the_steps_before(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    for before in ([], [KeepLayers(layers=(1,))], [KeepLayers(layers=(3,))]):
        steps: list[Step] = [*before, Factorise(5)]
        cached, fresh = derive(tiny, steps, calibration).model, derive(tiny, steps).model
        assert all(torch.equal(a, b) for a, b in zip(cached.parameters(), fresh.parameters(), strict=True))


# -- embeddings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", [1, 7, 16])
def test_embeddings_of_low_rank_are_the_best_of_it(tiny: BertForSequenceClassification, rank: int) -> None:
    table = tiny.bert.embeddings.word_embeddings.weight.detach()
    module = derive(tiny, [FactoriseEmbeddings(rank)]).model.bert.embeddings.word_embeddings
    error = torch.linalg.norm(table - module(torch.arange(len(table))))
    dropped = torch.linalg.svdvals(table.double())[rank:].square().sum().sqrt()
    assert float(error) == pytest.approx(float(dropped), abs=1e-4)
    assert sum(p.numel() for p in module.parameters()) == rank * (TINY.vocabulary + TINY.hidden)


def test_both_factors_of_the_embeddings_are_of_like_size(tiny: BertForSequenceClassification) -> None:
    module = derive(tiny, [FactoriseEmbeddings(8)]).model.bert.embeddings.word_embeddings
    codes, up = (
        float(p.square().mean().sqrt()) for p in (module.codes.weight, module.up.weight * math.sqrt(TINY.hidden))
    )
    assert 0.3 < codes / up < 3


@pytest.mark.parametrize(
    ("steps", "words"), [([FactoriseEmbeddings(17)], "1 to 16"), ([FactoriseEmbeddings(4)] * 2, "twice")]
)
def test_embeddings_that_can_not_be_factorised_are_refused(
    tiny: BertForSequenceClassification, steps: list[Step], words: str
) -> None:
    with pytest.raises(SpecError, match=words):
        derive(tiny, steps)


def test_threads_that_share_calibration_data_do_not_disturb_each_other(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    """Covariances are measured on a copy, so a model in use does not see the calibration data."""
    from concurrent.futures import ThreadPoolExecutor

    shared = derive(tiny, []).model
    plain = predict(shared, tiny_examples(30))

    def work(i: int) -> bool:
        if i % 2:
            return torch.equal(predict(shared, tiny_examples(30)), plain)
        input_moments(shared, calibration.sample())
        return calibration.remember(("group", i % 10), i, lambda: i) == i

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(60)))
    assert not any(module._forward_pre_hooks for module in shared.modules())


def test_energy_is_what_all_steps_together_left(tiny: BertForSequenceClassification, calibration: Calibration) -> None:
    name = BERT.matrix_name(1, "query")
    original = matrix_of(tiny.get_submodule(name)).square().sum()
    student = derive(tiny, [PruneHeads(2), Factorise(3), Prune(0.3)], calibration)
    left = matrix_of(student.model.get_submodule(name)).square().sum()
    assert student.energy[name] == pytest.approx(float(left / original), rel=1e-4)


def test_a_random_start_is_taken_apart_by_its_seed(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    steps: list[Step] = [Manual(), Factorise(3)]
    made = [derive(tiny, steps, calibration, seed).model for seed in (0, 1, 0)]
    fresh = [derive(tiny, steps, None, seed).model for seed in (0, 1, 0)]
    for first, second in zip(made, fresh, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(second.parameters(), first.parameters(), strict=True))
    name = BERT.matrix_name(0, "up")
    assert not torch.equal(*(matrix_of(model.get_submodule(name)) for model in made[:2]))
