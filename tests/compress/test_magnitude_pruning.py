"""Pruning by magnitude: exactly as many zeros as asked for, the smallest weights, and they stay zero."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import prune as torch_prune
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.steps.magnitude_pruning import prunable, smallest
from labcore.compress.student import Student
from labcore.config.steps import KeepLayers, Prune
from labcore.count.parameters import count
from labcore.models import encoder
from tests.shared.tiny import TINY


def zeros_in(model: nn.Module, names: list[str]) -> dict[str, int]:
    return {name: int((model.get_parameter(name) == 0).sum()) for name in names}


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.99])
def test_each_matrix_has_exactly_its_zeros(tiny: BertForSequenceClassification, sparsity: float) -> None:
    student = derive(tiny, [Prune(sparsity)])
    weights = prunable(student, embeddings=False)
    assert len(weights) == 6 * TINY.layers
    assert zeros_in(student.model, list(weights)) == {n: round(sparsity * w.numel()) for n, w in weights.items()}
    assert count(student).nonzero == sum(int((p != 0).sum()) for p in student.model.parameters())


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("scope", ["matrix", "global"])
def test_zeros_are_exact_where_all_weights_tie(
    tiny: BertForSequenceClassification, sparsity: float, scope: str
) -> None:
    with torch.no_grad():
        for module in encoder.encoder_matrices(tiny).values():
            module.weight.fill_(0.25)
    student = derive(tiny, [Prune(sparsity, scope)])  # type: ignore[arg-type]
    weights = prunable(student, embeddings=False)
    expected = (
        sum(round(sparsity * w.numel()) for w in weights.values())
        if scope == "matrix"
        else round(sparsity * sum(w.numel() for w in weights.values()))
    )
    assert sum(zeros_in(student.model, list(weights)).values()) == expected == sum(student.zeros.values())


def test_the_smallest_go_as_in_torch_prune(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.3)])
    for name, module in encoder.encoder_matrices(copy.deepcopy(tiny)).items():
        torch_prune.l1_unstructured(module, "weight", amount=0.3)
        assert torch.equal(student.model.get_parameter(f"{name}.weight"), module.weight)


def test_global_pruning_is_that_of_torch_prune(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.4, "global")])
    modules = encoder.encoder_matrices(copy.deepcopy(tiny))
    torch_prune.global_unstructured([(m, "weight") for m in modules.values()], torch_prune.L1Unstructured, amount=0.4)
    for name, module in modules.items():
        assert torch.equal(student.model.get_parameter(f"{name}.weight"), module.weight)


@given(st.lists(st.sampled_from([0.0, 0.5, 0.5, 1.0, 2.0]), min_size=1, max_size=30), st.data())
def test_smallest_chooses_exactly_k_and_none_larger(values: list[float], data: st.DataObject) -> None:
    magnitudes = torch.tensor(values)
    k = data.draw(st.integers(0, len(values)))
    chosen = smallest(magnitudes, k)
    assert int(chosen.sum()) == k
    if 0 < k < len(values):
        assert magnitudes[chosen].max() <= magnitudes[~chosen].min()


def test_layernorm_biases_pooler_and_embeddings_are_not_pruned(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.9)])
    for name, parameter in student.model.named_parameters():
        if name not in student.masks:
            assert torch.equal(parameter, tiny.get_parameter(name)), name
    with_embeddings = derive(tiny, [Prune(0.9, embeddings=True)])
    assert set(with_embeddings.masks) - set(student.masks) == {"bert.embeddings.word_embeddings.weight"}


def test_zeros_stay_through_twenty_adamw_steps(tiny: BertForSequenceClassification) -> None:
    def zeros_after_training(student: Student, hold: bool) -> int:
        torch.manual_seed(0)
        student.model.train()
        optimiser = torch.optim.AdamW(student.model.parameters(), lr=1e-2)
        for _ in range(20):
            loss = student.model(torch.randint(5, 60, (8, 9)), labels=torch.randint(0, 2, (8,))).loss
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if hold:
                student.after_step()
        return sum(zeros_in(student.model, list(student.masks)).values())

    held = derive(tiny, [Prune(0.5)])
    assert zeros_after_training(held, hold=True) == sum(held.zeros.values())
    assert zeros_after_training(derive(tiny, [Prune(0.5)]), hold=False) < 0.05 * sum(held.zeros.values())


def test_masks_follow_their_layer(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.5), KeepLayers(layers=(3,))])
    with torch.no_grad():
        for parameter in student.model.parameters():
            parameter.fill_(1.0)
    student.after_step()
    assert sum(zeros_in(student.model, list(student.masks)).values()) == count(student).total - count(student).nonzero
