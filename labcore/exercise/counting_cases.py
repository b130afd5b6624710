"""The cases that check a person's `count_parameters`: each one separates a right count from a common mistake.

A case isolates one idea, so that its hint fits whoever fails it. The models are in `counting_models.py` and
`counting_berts.py`, each right count there as a sum by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from labcore.exercise import counting_berts as berts
from labcore.exercise import counting_models as models
from labcore.exercise.counting_line import FIELDS
from labcore.system.processor import HOST


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model, its right counts by hand, and a hint at the cause of a wrong count. The hint holds no count.

    about: the fields that the hint helps with; a mistake in another field has a hint of its own (`HINTS`).
    then: a change of the model after a first call; the right counts are those of a second call.
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
OTHER_NAMES = "some parameters are called neither weight nor bias: print `model.named_parameters()`"
HINTS = {
    "total": "total is the number of elements of all parameters, each parameter once",
    "trainable": (
        "trainable counts all elements, zeros too, of parameters with `requires_grad`, which `state_dict` drops"
    ),
    "nonzero": (
        "nonzero counts the elements whose value is not 0, of all parameters, of frozen ones too; "
        "you can go through `parameters()` only once"
    ),
}
CASES = (
    Case(
        name="a linear layer",
        build=lambda: models.filled(nn.Linear(4, 3)),
        right=_counts(15),
        hint="a linear layer has a matrix and a bias",
        about=TOTAL,
    ),
    Case(
        name="equal layers",
        build=models.equal,
        right=_counts(36),
        hint="layers of the same shape and values are still separate layers: only one and the same tensor counts once",
        about=TOTAL,
    ),
    Case(
        name="layers within layers",
        build=models.nested,
        right=_counts(21),
        hint="a module's `parameters()` holds those of all its children: go through the model once, and to the bottom",
        about=TOTAL,
    ),
    Case(
        name="tied weights",
        build=models.tied,
        right=_counts(40, zeros=5),
        hint=(
            "one matrix under several names is one matrix: "
            "`model.parameters()` gives it once, `state_dict` under each name"
        ),
        about=TOTAL,
    ),
    Case(
        name="a layer used twice",
        build=models.used_twice,
        right=_counts(12),
        hint="a layer that a model uses twice has one set of weights: a walk over modules by hand meets it twice",
        about=TOTAL,
    ),
    Case(
        name="frozen weights",
        build=models.frozen,
        right=_counts(23, trainable=6, zeros=4),
        hint=(
            "`requires_grad` False is not trained, and still counts in total and nonzero; "
            "in one layer a bias may be frozen, its matrix not"
        ),
    ),
    Case(
        name="buffers",
        build=models.buffers,
        right=_counts(10),
        hint="running means, positions and masks are buffers: they are in the model, and no parameters",
        about=TOTAL,
    ),
    Case(
        name="parameters outside layers",
        build=models.outside,
        right=_counts(23, zeros=2),
        hint="an `nn.Parameter` need not be the weight of a layer; it may be a scalar, in a list, or empty",
        about=TOTAL,
    ),
    Case(
        name="attention",
        build=models.attention,
        right=_counts(80, zeros=2),
        hint=OTHER_NAMES,
        about=TOTAL,
    ),
    Case(
        name="a recurrent layer",
        build=models.recurrent,
        right=_counts(56),
        hint=OTHER_NAMES,
        about=TOTAL,
    ),
    Case(
        name="a reparametrised layer",
        build=models.normalised,
        right=_counts(18, zeros=1),
        hint=(
            "here `layer.weight` is computed from two parameters and is none itself: "
            "`model.parameters()` gives what is trained"
        ),
        about=TOTAL,
    ),
    Case(
        name="slices of one tensor",
        build=models.slices,
        right=_counts(18, zeros=3),
        hint=(
            "a parameter may be part of a larger tensor in memory: "
            "take its `numel()`, not the size or the address of its storage"
        ),
    ),
    Case(
        name="convolutions",
        build=models.convolution,
        right=_counts(126, zeros=5),
        hint="a parameter may have four dimensions, and a norm may have none: take `numel()` of each, not a formula",
    ),
    Case(
        name="negative values",
        build=lambda: models.kinds(models.SIGNED),
        right=_counts(52),
        hint="a negative value is not 0",
    ),
    Case(
        name="tiny values",
        build=lambda: models.kinds(models.TINY),
        right=_counts(52),
        hint="a tiny value is not 0: compare with 0 exactly, without threshold, power, rounding or another precision",
    ),
    Case(
        name="scattered zeros",
        build=models.scattered,
        right=_counts(52, zeros=9),
        hint="zeros may be anywhere: in biases, norms and embeddings, too; -0.0 is 0; the other values are not",
    ),
    Case(
        name="pruned columns",
        build=models.columns,
        right=_counts(18, zeros=6),
        hint="a pruned weight is 0 and stays in its matrix: it counts in total and trainable, not in nonzero",
    ),
    Case(
        name="several precisions",
        build=models.precisions,
        right=_counts(18, zeros=1),
        hint="count elements, not bytes, and compare each parameter with 0 in its own precision",
    ),
    Case(
        name="BERT-tiny",
        build=berts.bert_tiny,
        right=_counts(berts.TINY_BERT, trainable=berts.TINY_BERT - berts.FROZEN_TABLES, zeros=berts.BERT_ZEROS),
        hint=(
            "embeddings, encoder, pooler and classifier count, LayerNorm among them; "
            "the embeddings are frozen, except for the positions; "
            "new biases and the padding row are 0, the other values small, as trained ones are"
        ),
    ),
    Case(
        name="BERT, other parts frozen",
        build=berts.bert_partly_frozen,
        right=_counts(berts.SMALL_TOTAL, trainable=berts.SMALL_TOTAL - berts.SMALL_FROZEN),
        hint=(
            "here most of the embeddings are trained, and parts of the encoder, the pooler and the classifier are not: "
            "only `requires_grad` of each parameter decides, never its name or layer"
        ),
        about=("trainable",),
    ),
    Case(
        name="a model counted twice",
        build=models.to_be_shrunk,
        right=_counts(26, trainable=22, zeros=3),
        hint=(
            "the model was counted, then it lost a layer, a bias was frozen and some values became 0, "
            "and it was counted again: keep nothing from an earlier call"
        ),
        then=models.shrink,
    ),
    Case(
        name="more than 16,777,216 parameters",
        build=models.large,
        right=_counts(models.SIDE * models.SIDE, zeros=2),
        hint="a 32-bit float holds no odd number above 16,777,216: add up whole numbers, exactly",
    ),
)


def built(cases: Iterable[Case] = CASES) -> Iterator[tuple[Case, nn.Module]]:
    """Each of these cases with a new model, which shares nothing with another one's.

    A person's file may have changed torch's default type or device; the models do not depend on that.
    """
    for case in cases:
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            with torch.device(HOST):
                model = case.build()
        finally:
            torch.set_default_dtype(default)
        yield case, model
