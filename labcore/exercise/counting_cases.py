"""The models that a person's `count_parameters` is checked on: each one separates a right count from a usual mistake.

A case isolates one idea, so that its hint fits whoever fails it. The models are in `counting_models.py`, each right count
there as a sum by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from labcore.exercise import counting_models as models

FIELDS = ("total", "trainable", "nonzero")


@dataclass(frozen=True)
class Case:
    """A model, its right counts by hand, and a hint at what a wrong count may come from. The hint holds no count.

    about: the fields that the hint helps with; a mistake in another field has a hint of its own (`HINTS`).
    then: what is done to the model after a first call; the right counts are those of a second call.
    """

    name: str
    build: Callable[[], nn.Module]
    right: Mapping[str, int]
    hint: str
    about: tuple[str, ...] = FIELDS
    then: Callable[[nn.Module], None] | None = None


def _counts(total: int, trainable: int | None = None, zeros: int = 0) -> Mapping[str, int]:
    return {"total": total, "trainable": total if trainable is None else trainable, "nonzero": total - zeros}


TOTAL = ("total",)
HINTS = {
    "total": "total is the number of elements of all parameters, each parameter once",
    "trainable": "trainable counts all elements, zeros too, of parameters with `requires_grad`, which `state_dict` drops",
    "nonzero": "nonzero counts the elements whose value is not 0, of all parameters, of frozen ones too; `parameters()` can be gone through once only",
}
CASES = (
    Case("a linear layer", lambda: models.filled(nn.Linear(4, 3)), _counts(15), "a linear layer has a matrix and a bias", TOTAL),
    Case("equal layers", models.equal, _counts(36), "layers of the same shape, with the same values, are still layers of their own: only one and the same tensor counts once", TOTAL),
    Case("layers within layers", models.nested, _counts(21), "a module's `parameters()` holds those of all its children: go through the model once, and to the bottom", TOTAL),
    Case("tied weights", models.tied, _counts(40, zeros=5), "one matrix under several names is one matrix: `model.parameters()` gives it once, `state_dict` under each name", TOTAL),
    Case("a layer used twice", models.used_twice, _counts(12), "the same layer in two places has one set of weights: walking over modules by hand meets it twice", TOTAL),
    Case("frozen weights", models.frozen, _counts(23, trainable=6, zeros=4), "`requires_grad` False is not trained, and still counts in total and nonzero; in one layer a bias may be frozen, its matrix not"),
    Case("buffers", models.buffers, _counts(10), "running means, positions and masks are buffers: they are in the model, and no parameters", TOTAL),
    Case("parameters outside layers", models.outside, _counts(23, zeros=2), "an `nn.Parameter` need not be the weight of a layer; it may be a scalar, in a list, or empty", TOTAL),
    Case("attention", models.attention, _counts(80, zeros=2), "a layer's parameters have other names than weight and bias, too: print `model.named_parameters()`", TOTAL),
    Case("a recurrent layer", models.recurrent, _counts(56), "a layer's parameters have other names than weight and bias, too: print `model.named_parameters()`", TOTAL),
    Case("a reparametrised layer", models.normalised, _counts(18, zeros=1), "here `layer.weight` is computed from two parameters and is none itself: `model.parameters()` gives what is trained", TOTAL),
    Case("slices of one tensor", models.slices, _counts(18, zeros=3), "a parameter may be part of a larger tensor in memory: take its `numel()`, not the size or the place of its storage"),
    Case("convolutions", models.convolution, _counts(126, zeros=5), "a parameter may have four dimensions, and a norm may have none: take `numel()` of each, not a formula"),
    Case("negative values", lambda: models.kinds(models.SIGNED), _counts(52), "a negative value is not 0"),
    Case("tiny values", lambda: models.kinds(models.TINY), _counts(52), "a tiny value is not 0: compare with 0 exactly, without a threshold, a power, rounding or another precision"),
    Case("scattered zeros", models.scattered, _counts(52, zeros=9), "zeros stand anywhere, in biases, norms and embeddings, too; -0.0 is 0; the other values are not"),
    Case("pruned columns", models.columns, _counts(18, zeros=6), "a pruned weight is 0 and stays in its matrix: it counts in total and trainable, not in nonzero"),
    Case("several precisions", models.precisions, _counts(18, zeros=1), "count elements, not bytes, and compare each parameter with 0 in its own precision"),
    Case("BERT-tiny", models.bert_tiny, _counts(models.TINY_BERT, trainable=models.TINY_BERT - models.FROZEN_TABLES, zeros=models.BERT_ZEROS), "embeddings, encoder, pooler and classifier count, LayerNorm among them; the embeddings are frozen, but for the positions; new biases and the padding row are 0, the other values small, as trained ones are"),
    Case("BERT, other parts frozen", models.bert_partly_frozen, _counts(models.SMALL_TOTAL, trainable=models.SMALL_TOTAL - models.SMALL_FROZEN), "here most of the embeddings are trained, and parts of the encoder, the pooler and the classifier are not: only `requires_grad` of each parameter tells, never its name or layer", ("trainable",)),
    Case("a model counted twice", models.to_be_shrunk, _counts(26, trainable=22, zeros=3), "the model was counted, then it lost a layer, a bias was frozen and some values became 0, and it was counted again: keep nothing from an earlier call", then=models.shrink),
    Case("more than 16,777,216 parameters", models.large, _counts(models.SIDE * models.SIDE, zeros=2), "a 32-bit float holds no odd number above 16,777,216: add up whole numbers, exactly"),
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
