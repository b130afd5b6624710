"""The small models of the counting cases, built one by one. Values are 1, 2 or 3, unless a model is about values.

Each comment is a sum by hand, of the elements of the parameters beside it.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

PLAIN = (1.0, 2.0, 3.0)
SIGNED = (-1.0, 2.0, -3.0, 1.0)
TINY = (1e-4, -1e-9, 1e-30, -1e-44)  # the last is a denormal: bfloat16 and float16 round it to 0


def filled(module: nn.Module, values: tuple[float, ...] = PLAIN) -> nn.Module:
    """The module with these values in every parameter, repeated: if none of them is 0, no parameter is 0."""
    with torch.no_grad():
        for parameter in module.parameters():
            repeats = -(-parameter.numel() // len(values))
            parameter.copy_(torch.tensor(values).repeat(repeats)[: parameter.numel()].view(parameter.shape))
    return module


def zero(parameter: object, *indices: int, value: float = 0.0) -> None:
    """Set single elements of a parameter, counted row by row."""
    assert isinstance(parameter, nn.Parameter)
    with torch.no_grad():
        parameter.view(-1)[list(indices)] = value


# -- which parameters there are ------------------------------------------------------------------------


def equal() -> nn.Module:
    """Three layers of the same shape with the same values."""
    return nn.Sequential(*(filled(nn.Linear(3, 3)) for _ in range(3)))  # 3 · (9 + 3)


def nested() -> nn.Module:
    """Layers within layers, and a norm in a dict of them."""
    inner = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.ModuleDict({"norm": nn.LayerNorm(3)}))  # 9 + 6
    return filled(nn.Sequential(nn.Linear(2, 2), nn.Sequential(inner)))  # 6


def tied() -> nn.Module:
    """One matrix under three names."""
    embeddings, output, again = nn.Embedding(10, 4), nn.Linear(4, 10, bias=False), nn.Linear(4, 10, bias=False)
    output.weight = again.weight = embeddings.weight
    model = filled(nn.Sequential(embeddings, nn.Sequential(output), again))  # 10 · 4
    zero(embeddings.weight, 0, 1, 2, 3, 17)
    return model


def used_twice() -> nn.Module:
    """One layer in two places."""
    layer = nn.Linear(3, 3)
    return filled(nn.Sequential(layer, nn.ReLU(), layer))  # 9 + 3


def frozen() -> nn.Module:
    """A frozen layer, and a frozen bias in another one."""
    first, second = nn.Linear(4, 3), nn.Linear(3, 2)
    model = filled(nn.Sequential(first, second))  # 15 + 8
    first.requires_grad_(False)
    second.bias.requires_grad_(False)  # trainable: the second weight, 6
    zero(first.weight, 1, 6)
    zero(first.bias, 2)
    zero(second.weight, 3)
    return model


def buffers() -> nn.Module:
    """A norm with buffers, and two more buffers, one of them not saved."""
    model = nn.Sequential(nn.BatchNorm1d(5))  # weight and bias: 5 + 5
    model.register_buffer("positions", torch.arange(7))
    model.register_buffer("mask", torch.ones(3, 3), persistent=False)
    return filled(model)


def outside() -> nn.Module:
    """Parameters of the model itself, in a list and in a dict; one is a scalar, one is empty."""
    model = nn.Module()
    model.scale, model.gain = nn.Parameter(torch.tensor(2.0)), nn.Parameter(torch.ones(5))  # 1 + 5
    model.prompts = nn.ParameterList([nn.Parameter(torch.ones(4)), nn.Parameter(torch.ones(2, 2))])  # 4 + 4
    model.by_task = nn.ParameterDict({"reviews": nn.Parameter(torch.ones(3))})  # 3
    model.unused = nn.Parameter(torch.empty(0, 4))  # 0
    model.layers = nn.ModuleList([nn.Linear(2, 2)])  # 6
    filled(model)
    zero(model.gain, 3)
    zero(model.prompts[1], 0)
    return model


def attention() -> nn.Module:
    """A layer whose largest parameter is not called weight."""
    model = filled(nn.MultiheadAttention(4, 2))  # in_proj: 12 · 4 + 12; out_proj: 16 + 4
    zero(model.in_proj_weight, 5, 20)
    return model


def recurrent() -> nn.Module:
    """An LSTM, whose parameters have names of their own."""
    return filled(nn.LSTM(3, 2))  # four gates of 2: 8 · 3 + 8 · 2 + 8 + 8


def normalised() -> nn.Module:
    """A layer whose weight is computed from two parameters."""
    layer = weight_norm(nn.Linear(4, 3))  # direction 3 · 4, length 3 · 1, bias 3
    model = filled(nn.Sequential(layer))
    zero(layer.parametrizations.weight.original1, 7)
    return model


def slices() -> nn.Module:
    """Two parameters in one larger tensor, as some optimisers keep them."""
    flat = torch.empty(40)
    model = nn.Module()
    model.matrix, model.vector = nn.Parameter(flat[:12].view(3, 4)), nn.Parameter(flat[12:18])  # 12 + 6
    filled(model)
    zero(model.matrix, 2)
    zero(model.vector, 0, 5)
    return model


def convolution() -> nn.Module:
    """A convolution and norms, with and without parameters."""
    layer = nn.Conv2d(4, 6, 3, groups=2)  # 6 · (4 / 2) · 9 + 6
    model = filled(nn.Sequential(layer, nn.GroupNorm(2, 6), nn.BatchNorm2d(6, affine=False)))  # 12 + 0
    zero(layer.weight, 0, 10, 50, 51, 99)
    return model


# -- which values are 0 --------------------------------------------------------------------------------


def kinds(values: tuple[float, ...]) -> nn.ModuleDict:
    """A word table, a layer and a norm, each with these values: 24 + 20 + 8 parameters."""
    model = nn.ModuleDict({"words": nn.Embedding(6, 4), "dense": nn.Linear(4, 4), "norm": nn.LayerNorm(4)})
    filled(model, values)
    return model


def scattered() -> nn.Module:
    """Zeros in every kind of parameter, one of them -0.0."""
    model = kinds((1.0, -2.0, 3.0))
    for name, parameter in model.named_parameters():
        zero(parameter, *{"words.weight": (2, 9, 23), "dense.weight": (0, 6), "dense.bias": (1,)}.get(name, (3,)))
    zero(model["norm"].bias, 0, value=-0.0)  # 3 + 2 + 1 + 1 + 2 zeros
    return model


def columns() -> nn.Module:
    """A matrix with two columns of zeros."""
    model = nn.Linear(5, 3)  # 15 + 3: as the first case, by names, but of another size
    filled(model)
    zero(model.weight, 0, 1, 5, 6, 10, 11)  # the first two columns
    return model


def precisions() -> nn.Module:
    """Parameters of three precisions."""
    model = nn.Module()
    model.low = nn.Parameter(torch.full((4,), 2.0, dtype=torch.float16))
    model.high = nn.Parameter(torch.full((3, 3), -1e-60, dtype=torch.float64))  # too small for float32
    model.single = nn.Parameter(torch.full((5,), 2.0, dtype=torch.float32))
    zero(model.single, 4)
    return model


# -- a large one ------------------------------------------------------------------------------------

SIDE = 4_099  # odd, and so is its square: the first counts that a 32-bit float can't hold


def large() -> nn.Module:
    """More elements than a 32-bit float can count."""
    model = nn.Module()
    model.table = nn.Parameter(torch.ones(SIDE, SIDE))
    zero(model.table, 0, 1)
    return model


# -- a model that changes between two calls ------------------------------------------------------------


def to_be_shrunk() -> nn.Module:
    """Three layers, the last of which `shrink` removes."""
    return filled(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Linear(2, 2)))  # 16 + 10 + 6


def shrink(model: nn.Module) -> None:
    """Remove the last layer, which leaves 26; freeze a bias of 4; set three values to 0. The model stays one object."""
    assert isinstance(model, nn.Sequential)
    del model[3]
    model[0].bias.requires_grad_(False)
    zero(model[0].weight, 0, 5, 7)
