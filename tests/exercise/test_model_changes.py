"""Every change of a model that a function was given is named."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from labcore.exercise.model_changes import Snapshot


def _model() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        model[0].bias[0], model[0].bias[1] = -0.0, math.nan
    model[0].weight.grad = torch.ones(2, 2)
    return model


CHANGES: dict[str, tuple[Any, str]] = {
    "nothing": (lambda m: None, ""),
    "mode there and back": (lambda m: (m.eval(), m.train()), ""),
    "a hook that is removed": (lambda m: m.register_forward_hook(print).remove(), ""),
    "half": (lambda m: m[0].half(), "the parameter '0.bias' is torch.float16 now, it was torch.float32 (and 1 more"),
    "half, all": (lambda m: m.half(), "the parameters are torch.float16 now, they were torch.float32"),
    "minus zero": (lambda m: m[0].bias.data.abs_(), "the parameter '0.bias' has other values now"),
    "a shape": (lambda m: setattr(m[0].bias, "data", torch.ones(3)), "'0.bias' has the shape (3,) now, it had (2,)"),
    "another tensor": (
        lambda m: setattr(m[0], "bias", nn.Parameter(m[0].bias.detach().clone())),
        "the parameter '0.bias' is another tensor now",
    ),
    "frozen": (lambda m: m[1].weight.requires_grad_(False), "'1.weight' has requires_grad False now, it had True"),
    "no gradient": (lambda m: m.zero_grad(), "the parameter '0.weight' has no gradient now"),
    "another gradient": (lambda m: m[0].weight.grad.mul_(2), "the parameter '0.weight' has another gradient now"),
    "a buffer": (lambda m: m[1].running_mean.add_(1), "the buffer '1.running_mean' has other values now"),
    "a new parameter": (lambda m: setattr(m, "x", nn.Parameter(torch.ones(1))), "the parameter 'x' is new"),
    "a buffer less": (lambda m: m[1]._buffers.pop("running_var"), "the buffer '1.running_var' is gone"),
    "evaluation mode": (lambda m: m[1].eval(), "it is in evaluation mode now, it was in training mode"),
    "a forward hook": (lambda m: m[0].register_forward_hook(print), "a forward hook was left"),
    "a backward hook": (lambda m: m[0].register_full_backward_hook(print), "a backward hook was left"),
    "a parameter's hook": (lambda m: m[0].weight.register_hook(print), "'0.weight' has another number of hooks now"),
    "a layer less": (lambda m: m.__delitem__(1), "the layer '1' is gone"),
    "a layer more": (lambda m: m.append(nn.ReLU()), "the layer '2' is new"),
    "a layer of another kind": (lambda m: m.__setitem__(1, nn.ReLU()), "'1' is a ReLU now, it was a BatchNorm1d"),
    "a layer like it": (lambda m: m.__setitem__(1, nn.BatchNorm1d(2)), "the layer '1' is another one now"),
    "its forward": (lambda m: setattr(m, "forward", print), "its function 'forward' was replaced"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_of_a_model_is_named(name: str) -> None:
    change, words = CHANGES[name]
    model = _model()
    before = Snapshot.of(model)
    change(model)
    assert bool(before.changes(model)) == bool(words)
    assert words in "; ".join(before.changes(model))
