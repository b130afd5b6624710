"""Training on a grid: the gradient that rounding passes on, written another way, and what must hold at each step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.grid import Grid, nearest, refitted, stored
from labcore.compress.student import Student
from labcore.config.spec import DistilConfig
from labcore.config.steps import KeepLayers, Prune, Quantise
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.results.events import TrainStep
from labcore.system.progress import finish
from tests.shared.tiny import tiny_examples

WORDS = "bert.embeddings.word_embeddings.weight"


class PassedOn(torch.autograd.Function):
    """Forward the rounded weights, backward the gradient as it comes."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, rounded: Tensor) -> Tensor:
        return rounded

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0], None


def on_grid(weight: Tensor, scales: Tensor, grid: Grid) -> Tensor:
    return (nearest(grid.grouped(weight), scales, grid) * scales[..., None]).flatten(1)[:, : weight.shape[1]]


@pytest.mark.parametrize("bits", [8, 4, 3, 2])
def test_steps_are_those_of_a_function_that_passes_the_gradient_on(
    tiny: BertForSequenceClassification, bits: Any
) -> None:
    """The oracle keeps one set of weights, rounds them within the graph, and has torch's own optimiser."""
    student = derive(tiny, [Quantise(bits, group=32)])
    student.model.eval()
    scales = {name: each.scales.clone() for name, each in student.rounded.items() if each.scales is not None}
    weights = {
        name: nn.Parameter((p if name not in scales else latent(student, name)).detach().clone())
        for name, p in student.model.named_parameters()
    }
    optimiser = torch.optim.AdamW(student.model.parameters(), lr=1e-2)
    oracle = torch.optim.AdamW(weights.values(), lr=1e-2)
    ids = torch.randint(0, 60, (8, 12), generator=torch.Generator().manual_seed(1))
    for _ in range(4):
        optimiser.zero_grad()
        student.model(ids).logits.square().sum().backward()
        student.before_step()
        optimiser.step()
        student.after_step()

        oracle.zero_grad()
        given = {
            name: weight
            if name not in scales
            else PassedOn.apply(weight, on_grid(weight.detach(), scales[name], student.rounded[name].grid))
            for name, weight in weights.items()
        }
        functional_call(student.model, given, (ids,)).logits.square().sum().backward()
        oracle.step()
        for name in scales:
            grid = student.rounded[name].grid
            scales[name] = stored(refitted(grid.grouped(weights[name].detach()), scales[name], grid))
    for name in scales:
        torch.testing.assert_close(latent(student, name), weights[name].detach(), atol=1e-6, rtol=1e-5)
        expected = on_grid(weights[name].detach(), scales[name], student.rounded[name].grid)
        different = (student.model.get_parameter(name) - expected).abs() > 1e-6
        assert float(different.float().mean()) < 1e-3  # a weight half-way between two values may go either way


def latent(student: Student, name: str) -> Tensor:
    held = student.rounded[name].latent
    assert held is not None
    return held


def trained(student: Student, config: DistilConfig) -> list[object]:
    train, validation = tiny_examples(40), tiny_examples(20, seed=1)
    teacher = derive(student.model, ()).model
    targets = finish(compute_targets(teacher, train, states=False))
    of_teacher = finish(compute_targets(teacher, validation, states=False))
    return list(distil(student, train, validation, targets, of_teacher, config, bf16=False))


CONFIG = DistilConfig(batch_size=8, epochs=2, learning_rate=3e-3)


@pytest.mark.parametrize("embeddings", [True, False])
def test_each_step_stays_on_the_grid_and_zeros_stay(tiny: BertForSequenceClassification, embeddings: bool) -> None:
    student = derive(tiny, [KeepLayers(count=2), Prune(0.4, embeddings=True), Quantise(2, embeddings=4)])
    before = student.model.get_parameter(WORDS).detach().clone()
    train, validation = tiny_examples(40), tiny_examples(20, seed=1)
    targets = finish(compute_targets(tiny, train, states=False))
    of_teacher = finish(compute_targets(tiny, validation, states=False))
    config, moved = replace(CONFIG, embeddings=embeddings), 0
    words_moved = False
    first = derive(student, ()).model.state_dict()
    unread = torch.tensor(sorted(set(range(len(before))) - {t for row in train.tokens for t in row}))
    assert len(unread)
    for event in distil(student, train, validation, targets, of_teacher, config, bf16=False):
        if not isinstance(event, TrainStep):
            continue
        for name, rounded in student.rounded.items():
            weight = student.model.get_parameter(name).detach()
            assert rounded.scales is not None
            torch.testing.assert_close(weight, on_grid(weight, rounded.scales, rounded.grid), atol=1e-7, rtol=1e-6)
            moved += int((weight != first[name]).sum())
        for name, mask in student.masks.items():
            assert not student.model.get_parameter(name)[~mask].any()
        after = student.model.get_parameter(WORDS).detach()
        assert torch.equal(after[unread], before[unread])
        words_moved |= not torch.equal(after, before)
    assert moved
    assert words_moved == embeddings


def test_training_brings_back_what_two_bits_lose(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Quantise(2)])
    train, validation = tiny_examples(40), tiny_examples(20, seed=1)
    targets = finish(compute_targets(tiny, train, states=False))
    of_teacher = finish(compute_targets(tiny, validation, states=False))
    config = replace(CONFIG, epochs=20, hard=0.0, soft=1.0)
    losses = [
        event.total
        for event in distil(student, train, validation, targets, of_teacher, config, bf16=False)
        if isinstance(event, TrainStep)
    ]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    assert all(rounded.latent is None for rounded in student.rounded.values())  # they belong to later weights
