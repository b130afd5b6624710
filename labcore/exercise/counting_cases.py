"""The models that a person's `count_parameters` is checked on: each one separates a right count from a usual mistake.

A case isolates one idea, so that its hint fits whoever fails it. Values are 1, 2 or 3, which no threshold and no rounding
takes for 0, unless the case is about values. Each right count is a sum by hand, in the comment beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from labcore.teacher import bert
from labcore.teacher.architecture import BUILT_IN

FIELDS = ("total", "trainable", "nonzero")
PLAIN = (1.0, 2.0, 3.0)
SIGNED = (-1.0, 2.0, -3.0, 1.0)
TINY = (1e-4, -1e-9, 1e-30, -1e-44)  # the last is a denormal: bfloat16 and float16 round it to 0
USUAL = (0.03, -0.02, 0.0004, -0.7, 1.0, -2e-6)  # what weights of a trained BERT look like


@dataclass(frozen=True)
class Case:
    """A model, its right counts by hand, and a hint at what a wrong count may come from. The hint holds no count.

    about: the fields that the hint helps with; a mistake in another field has a hint of its own (`HINTS`).
    """

    name: str
    build: Callable[[], nn.Module]
    right: Mapping[str, int]
    hint: str
    about: tuple[str, ...] = FIELDS


def _filled(module: nn.Module, values: tuple[float, ...] = PLAIN) -> nn.Module:
    """The module with these values in every parameter, over and over: with none of them 0, no parameter is 0."""
    with torch.no_grad():
        for parameter in module.parameters():
            repeats = -(-parameter.numel() // len(values))
            parameter.copy_(torch.tensor(values).repeat(repeats)[: parameter.numel()].view(parameter.shape))
    return module


def _zero(parameter: object, *places: int, value: float = 0.0) -> None:
    """Set single elements of a parameter, counted row by row."""
    assert isinstance(parameter, nn.Parameter)
    with torch.no_grad():
        parameter.view(-1)[list(places)] = value


# -- which parameters there are ------------------------------------------------------------------------


def _equal() -> nn.Module:
    return nn.Sequential(*(_filled(nn.Linear(3, 3)) for _ in range(3)))  # 3 · (9 + 3)


def _nested() -> nn.Module:
    inner = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.ModuleDict({"norm": nn.LayerNorm(3)}))  # 9 + 6
    return _filled(nn.Sequential(nn.Linear(2, 2), nn.Sequential(inner)))  # 6


def _tied() -> nn.Module:
    embeddings, output, again = nn.Embedding(10, 4), nn.Linear(4, 10, bias=False), nn.Linear(4, 10, bias=False)
    output.weight = again.weight = embeddings.weight
    model = _filled(nn.Sequential(embeddings, nn.Sequential(output), again))  # 10 · 4
    _zero(embeddings.weight, 0, 1, 2, 3, 17)
    return model


def _used_twice() -> nn.Module:
    layer = nn.Linear(3, 3)
    return _filled(nn.Sequential(layer, nn.ReLU(), layer))  # 9 + 3


def _frozen() -> nn.Module:
    first, second = nn.Linear(4, 3), nn.Linear(3, 2)
    model = _filled(nn.Sequential(first, second))  # 15 + 8
    first.requires_grad_(False)
    second.bias.requires_grad_(False)  # trainable: the second weight, 6
    _zero(first.weight, 1, 6)
    _zero(first.bias, 2)
    _zero(second.weight, 3)
    return model


def _buffers() -> nn.Module:
    model = nn.Sequential(nn.BatchNorm1d(5))  # weight and bias: 5 + 5
    model.register_buffer("positions", torch.arange(7))
    model.register_buffer("mask", torch.ones(3, 3), persistent=False)
    return _filled(model)


def _outside() -> nn.Module:
    model = nn.Module()
    model.scale, model.gain = nn.Parameter(torch.tensor(2.0)), nn.Parameter(torch.ones(5))  # 1 + 5
    model.prompts = nn.ParameterList([nn.Parameter(torch.ones(4)), nn.Parameter(torch.ones(2, 2))])  # 4 + 4
    model.by_task = nn.ParameterDict({"reviews": nn.Parameter(torch.ones(3))})  # 3
    model.unused = nn.Parameter(torch.empty(0, 4))  # 0
    model.layers = nn.ModuleList([nn.Linear(2, 2)])  # 6
    _filled(model)
    _zero(model.gain, 3)
    _zero(model.prompts[1], 0)
    return model


def _attention() -> nn.Module:
    model = _filled(nn.MultiheadAttention(4, 2))  # in_proj: 12 · 4 + 12; out_proj: 16 + 4
    _zero(model.in_proj_weight, 5, 20)
    return model


def _recurrent() -> nn.Module:
    return _filled(nn.LSTM(3, 2))  # four gates of 2: 8 · 3 + 8 · 2 + 8 + 8


def _normalised() -> nn.Module:
    layer = weight_norm(nn.Linear(4, 3))  # direction 3 · 4, length 3 · 1, bias 3
    model = _filled(nn.Sequential(layer))
    _zero(layer.parametrizations.weight.original1, 7)
    return model


def _convolution() -> nn.Module:
    layer = nn.Conv2d(4, 6, 3, groups=2)  # 6 · (4 / 2) · 9 + 6
    model = _filled(nn.Sequential(layer, nn.GroupNorm(2, 6), nn.BatchNorm2d(6, affine=False)))  # 12 + 0
    _zero(layer.weight, 0, 10, 50, 51, 99)
    return model


# -- which values are 0 --------------------------------------------------------------------------------


def _kinds(values: tuple[float, ...]) -> nn.ModuleDict:
    """A word table, a layer and a norm, each with these values: 24 + 20 + 8 parameters."""
    model = nn.ModuleDict({"words": nn.Embedding(6, 4), "dense": nn.Linear(4, 4), "norm": nn.LayerNorm(4)})
    _filled(model, values)
    return model


def _scattered() -> nn.Module:
    model = _kinds((1.0, -2.0, 3.0))
    for name, parameter in model.named_parameters():
        _zero(parameter, *{"words.weight": (2, 9, 23), "dense.weight": (0, 6), "dense.bias": (1,)}.get(name, (3,)))
    _zero(model["norm"].bias, 0, value=-0.0)  # 3 + 2 + 1 + 1 + 2 zeros
    return model


def _columns() -> nn.Module:
    model = nn.Linear(4, 3)
    _filled(model)
    _zero(model.weight, 0, 1, 4, 5, 8, 9)  # the first two columns
    return model


def _precisions() -> nn.Module:
    model = nn.Module()
    model.low = nn.Parameter(torch.full((4,), 2.0, dtype=torch.float16))
    model.high = nn.Parameter(torch.full((3, 3), -1e-60, dtype=torch.float64))  # too small for float32
    model.single = nn.Parameter(torch.full((5,), 2.0, dtype=torch.float32))
    _zero(model.single, 4)
    return model


# -- large ones ----------------------------------------------------------------------------------------

TINY_BERT = 4_385_920 + 2 * 128 + 2  # Turc et al., 2019, https://arxiv.org/abs/1908.08962, and a classifier of two
WORDS, POSITIONS, TYPES, WIDTH = 30_522, 512, 2, 128
TABLES = (WORDS + POSITIONS + TYPES) * WIDTH + 2 * WIDTH  # three tables and a norm: frozen
LAYER_BIASES = 4 * WIDTH + 4 * WIDTH + WIDTH + 2 * WIDTH  # attention, two feed-forward matrices, two norms
BERT_ZEROS = 2 * LAYER_BIASES + WIDTH + WIDTH + 2 + WIDTH  # two layers, the norm, pooler, classifier; the padding row


def _bert() -> nn.Module:
    """As a fine-tuning starts: biases and the padding row are 0, the embeddings frozen; in evaluation mode."""
    model = bert.build(BUILT_IN["bert-tiny"]).to_empty(device="cpu").eval()
    _filled(model, USUAL)
    for buffer in model.buffers():
        buffer.zero_()
    table = model.get_input_embeddings()
    _zero(table.weight, *range(WIDTH))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
    model.base_model.embeddings.requires_grad_(False)
    return model


SIDE = 4_099  # odd, and so is its square: the first counts that a 32-bit float can't hold


def _large() -> nn.Module:
    model = nn.Module()
    model.table = nn.Parameter(torch.ones(SIDE, SIDE))
    _zero(model.table, 0, 1)
    return model


def _counts(total: int, trainable: int | None = None, zeros: int = 0) -> Mapping[str, int]:
    return {"total": total, "trainable": total if trainable is None else trainable, "nonzero": total - zeros}


TOTAL = ("total",)
HINTS = {
    "total": "total is the number of elements of all parameters, each parameter once",
    "trainable": "trainable counts all elements, zeros too, of parameters with `requires_grad`, which `state_dict` drops",
    "nonzero": "nonzero counts the elements whose value is not 0, of all parameters, of frozen ones too; `parameters()` can be gone through once only",
}
CASES = (
    Case("a linear layer", lambda: _filled(nn.Linear(4, 3)), _counts(15), "a linear layer has a matrix and a bias", TOTAL),
    Case("equal layers", _equal, _counts(36), "layers of the same shape, with the same values, are still layers of their own: only one and the same tensor counts once", TOTAL),
    Case("layers within layers", _nested, _counts(21), "a module's `parameters()` holds those of all its children: go through the model once, and to the bottom", TOTAL),
    Case("tied weights", _tied, _counts(40, zeros=5), "one matrix under several names is one matrix: `model.parameters()` gives it once, `state_dict` under each name", TOTAL),
    Case("a layer used twice", _used_twice, _counts(12), "the same layer in two places has one set of weights: walking over modules by hand meets it twice", TOTAL),
    Case("frozen weights", _frozen, _counts(23, trainable=6, zeros=4), "`requires_grad` False is not trained, and still counts in total and nonzero; in one layer a bias may be frozen, its matrix not"),
    Case("buffers", _buffers, _counts(10), "running means, positions and masks are buffers: they are in the model, and no parameters", TOTAL),
    Case("parameters outside layers", _outside, _counts(23, zeros=2), "an `nn.Parameter` need not be the weight of a layer; it may be a scalar, in a list, or empty", TOTAL),
    Case("attention", _attention, _counts(80, zeros=2), "a layer's parameters have other names than weight and bias, too: print `model.named_parameters()`", TOTAL),
    Case("a recurrent layer", _recurrent, _counts(56), "a layer's parameters have other names than weight and bias, too: print `model.named_parameters()`", TOTAL),
    Case("a reparametrised layer", _normalised, _counts(18, zeros=1), "here `layer.weight` is computed from two parameters and is none itself: `model.parameters()` gives what is trained", TOTAL),
    Case("convolutions", _convolution, _counts(126, zeros=5), "a parameter may have four dimensions, and a norm may have none: take `numel()` of each, not a formula"),
    Case("negative values", lambda: _kinds(SIGNED), _counts(52), "a negative value is not 0"),
    Case("tiny values", lambda: _kinds(TINY), _counts(52), "a tiny value is not 0: compare with 0 exactly, without a threshold, a power, rounding or another precision"),
    Case("scattered zeros", _scattered, _counts(52, zeros=9), "zeros stand anywhere, in biases, norms and embeddings, too; -0.0 is 0; the other values are not"),
    Case("pruned columns", _columns, _counts(15, zeros=6), "a pruned weight is 0 and stays in its matrix: it counts in total and trainable, not in nonzero"),
    Case("several precisions", _precisions, _counts(18, zeros=1), "count elements, not bytes, and compare each parameter with 0 in its own precision"),
    Case("BERT-tiny", _bert, _counts(TINY_BERT, trainable=TINY_BERT - TABLES, zeros=BERT_ZEROS), "embeddings, encoder, pooler and classifier count, LayerNorm among them; the embeddings are frozen; new biases and the padding row are 0, the other values small, as trained ones are"),
    Case("more than 16,777,216 parameters", _large, _counts(SIDE * SIDE, zeros=2), "a 32-bit float holds no odd number above 16,777,216: add up whole numbers, exactly"),
)  # fmt: skip


def built(cases: Iterable[Case] = CASES) -> Iterator[tuple[Case, nn.Module]]:
    """Each of these cases with a model of its own, built when it is asked for: nothing that was done to one is seen in another.

    A person's file may have set torch's default type or device; the models are the same whatever it set.
    """
    for case in cases:
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            with torch.device("cpu"):
                model = case.build()
        finally:
            torch.set_default_dtype(default)
        yield case, model
