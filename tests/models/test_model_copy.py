"""The lab's copy of a model is what `copy.deepcopy` makes of it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from labcore.compress.derive import derive
from labcore.config.steps import Factorise, FactoriseEmbeddings, KeepLayers
from labcore.models.model_copy import copied
from tests.shared.tiny_families import NAMES, family_examples, padded, tiny_family

STACK = (KeepLayers(count=2), Factorise(rank=3), FactoriseEmbeddings(rank=4))


def parts(model: nn.Module) -> list[tuple[str, type, object]]:
    """Each module's path, type and attributes that are no part of it."""
    return [
        (
            f"{path}.{name}",
            type(module),
            value if isinstance(value, (bool, int, float, str, dict, set, list, tuple, type(None))) else type(value),
        )
        for path, module in model.named_modules()
        for name, value in sorted(module.__dict__.items())
        if name not in ("_parameters", "_buffers", "_modules")
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("student", [False, True], ids=["teacher", "student"])
def test_a_copy_is_that_of_deepcopy_and_shares_nothing(name: str, student: bool) -> None:
    model = derive(tiny_family(name), STACK).model if student else tiny_family(name)
    expected, made = copy.deepcopy(model), copied(model)
    assert parts(made) == parts(expected)
    for one, two in (
        (made.named_parameters(), expected.named_parameters()),
        (made.named_buffers(), expected.named_buffers()),
    ):
        for (path, tensor), (same, other) in zip(one, two, strict=True):
            assert path == same
            assert torch.equal(tensor, other), path
            assert tensor.requires_grad == other.requires_grad
    own = {tensor.data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    assert own.isdisjoint(tensor.data_ptr() for tensor in (*made.parameters(), *made.buffers()))
    assert made.config is not model.config
    assert {id(module.config) for module in made.modules() if hasattr(module, "config")} == {id(made.config)}
    ids, mask = padded(family_examples(model))
    with torch.no_grad():
        logits = [each(input_ids=ids, attention_mask=mask.long()).logits for each in (model, made)]
    assert torch.equal(*logits)


def test_what_is_one_parameter_stays_one() -> None:
    tied = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    made = copied(tied)
    assert made[0].weight is made[1].weight
    assert made[0].weight is not tied[0].weight


def test_a_hook_and_a_buffer_are_copied_too() -> None:
    model = nn.BatchNorm1d(2)
    model.register_forward_hook(lambda module, given, made: made + 1)
    made = copied(model.eval())
    assert torch.equal(made(torch.ones(1, 2)), model(torch.ones(1, 2)))
    made.running_mean += 1  # type: ignore[operator]
    assert not torch.equal(made.running_mean, model.running_mean)  # type: ignore[arg-type]
    assert made._forward_hooks is not model._forward_hooks


def test_a_compiled_module_is_copied_without_its_compiled_call() -> None:
    model = nn.Linear(2, 2)
    model.compile(backend="eager")
    made = copied(model)
    with torch.no_grad():
        made.weight.zero_()
        made.bias.zero_()  # type: ignore[union-attr]
        assert torch.equal(made(torch.ones(1, 2)), torch.zeros(1, 2))
        assert not torch.equal(model(torch.ones(1, 2)), torch.zeros(1, 2))


def test_a_table_under_two_names_stays_one() -> None:
    model = nn.Linear(2, 2)
    model.one = model.two = {"a": 1}  # type: ignore[assignment]
    made = copied(model)
    assert made.one is made.two is not model.one
