"""The loss terms: a descriptor for each, from which weight, slider, formula and curve follow. Standard library only.

A new term is one descriptor with its line in `LossWeights`, and one formula in labcore.distil.losses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Flag, auto
from typing import Any, Generic, TypeVar


class Need(Flag):
    """What a loss term needs beside the student's logits."""

    LABELS = auto()
    TEACHER_LOGITS = auto()
    TEMPERATURE = auto()
    STATES = auto()  # hidden states of paired layers, at [CLS] or of all tokens
    RELATIONS = auto()  # self-attention relations of the last layers, of all tokens


FROM_TEACHER = Need.TEACHER_LOGITS | Need.STATES | Need.RELATIONS


@dataclass(frozen=True, kw_only=True)
class LossTerm:
    """One term of the loss.

    name: its field in a training configuration, and its key in events.
    latex: what its weight multiplies in the formula. symbols: what the letters in it mean; `{position}` is `hidden_at`
    in words.
    colour: `#rrggbb`, on every page. default: its weight if none is given. help: one or two sentences for its slider.
    source: the paper, if it has one.
    """

    name: str
    latex: str
    symbols: tuple[str, ...]
    colour: str
    needs: Need
    help: str
    source: str = ""
    default: float = 0.0

    @property
    def label(self) -> str:
        """What its slider is called."""
        return f"{self.name.capitalize()} weight"

    @property
    def on_by_default(self) -> bool:
        """Whether it has a weight unless one asks otherwise: then it is always computed and drawn."""
        return self.default > 0

    @property
    def from_teacher(self) -> bool:
        """Whether it compares the student with its teacher."""
        return bool(self.needs & FROM_TEACHER)

    @property
    def no_value(self) -> str:
        """Why a batch may have no value of it."""
        if Need.LABELS in self.needs:
            return "no example had a label"
        if self.needs & (Need.STATES | Need.RELATIONS):
            return "no example is tokenised identically for student and teacher"
        return "nothing could be compared"


HARD = LossTerm(
    name="hard",
    latex=r"\mathrm{CE}(y,\ p_{s})",
    symbols=("*y* is the true label", "*p* are probabilities"),
    colour="#cc4778",
    needs=Need.LABELS,
    help="Weight of the cross-entropy with the true labels. At 0 the student only imitates its teacher.",
    default=0.2,
)
SOFT = LossTerm(
    name="soft",
    latex=r"\tau^2\,\mathrm{KL}\big(p_{t}^{\,\tau}\,\|\,p_{s}^{\,\tau}\big)",
    symbols=("*p* are probabilities",),
    colour="#8a63d2",
    needs=Need.TEACHER_LOGITS | Need.TEMPERATURE,
    help="Weight of the divergence from the teacher's softened probabilities. They also show which other classes the "
    "teacher held possible.",
    source="Hinton, Vinyals and Dean, 2015, https://arxiv.org/abs/1503.02531",
    default=0.8,
)
LOGIT = LossTerm(
    name="logit",
    latex=r"\mathrm{MSE}(z_{s},\ z_{t})",
    symbols=("*z* are logits",),
    colour="#5b7fa6",
    needs=Need.TEACHER_LOGITS,
    help="Weight of the mean squared error between the student's and the teacher's logits, before any softmax.",
    source="Ba and Caruana, 2014, https://arxiv.org/abs/1312.6184",
)
HIDDEN = LossTerm(
    name="hidden",
    latex=r"\mathrm{MSE}(W h_{s},\ h_{t})",
    symbols=("*h* are states at {position} after paired layers",),
    colour="#1f9186",
    needs=Need.STATES,
    help="Weight of the mean squared error between hidden states of paired layers. If the widths differ, a "
    "projection between them is trained with the student.",
    source="Romero et al., 2015, https://arxiv.org/abs/1412.6550",
)
COSINE = LossTerm(
    name="cosine",
    latex=r"\big(1-\cos(W h_{s},\ h_{t})\big)",
    symbols=("*h* are states at {position} after paired layers",),
    colour="#7a9a3b",
    needs=Need.STATES,
    help="Weight of 1 − cosine between hidden states of paired layers: only their direction counts.",
    source="Sanh et al., 2019 (DistilBERT), https://arxiv.org/abs/1910.01108",
)
RELATION = LossTerm(
    name="relation",
    latex=r"\mathrm{KL}(R_{t}\,\|\,R_{s})",
    symbols=("*R* are the self-attention relations between tokens in the last layer",),
    colour="#b5852a",
    needs=Need.RELATIONS,
    help="Weight of the divergence between the last layers' self-attention relations: queries with queries, keys "
    "with keys, values with values. It fits any width and any number of heads (MiniLMv2).",
    source="Wang et al., 2021 (MiniLMv2), https://arxiv.org/abs/2012.15828",
)


# -- one number for each term ------------------------------------------------------------------------

Weight = TypeVar("Weight")


def weight_of(term: LossTerm) -> Any:
    """The field that holds a term's weight."""
    return field(default=term.default, metadata={"term": term})


@dataclass(frozen=True)
class LossWeights(Generic[Weight]):
    """One number for each loss term, in the order in which terms are shown. All lists of terms follow from this one."""

    hard: Weight = weight_of(HARD)
    soft: Weight = weight_of(SOFT)
    logit: Weight = weight_of(LOGIT)
    hidden: Weight = weight_of(HIDDEN)
    cosine: Weight = weight_of(COSINE)
    relation: Weight = weight_of(RELATION)

    def __init_subclass__(cls, optional: bool = False, **options: Any) -> None:
        """If `optional`, a subclass's numbers are None unless they are given."""
        super().__init_subclass__(**options)
        if optional:
            inherited = fields(cls)
            for each in inherited:
                setattr(cls, each.name, field(default=None, metadata=each.metadata))
            own = vars(cls).get("__annotations__", {})
            cls.__annotations__ = {**{each.name: each.type for each in inherited}, **own}


def terms_in(weights: type[LossWeights[Any]]) -> tuple[LossTerm, ...]:
    """The loss terms that a class has numbers for."""
    return tuple(each.metadata["term"] for each in fields(weights) if "term" in each.metadata)


LOSS_TERMS = terms_in(LossWeights)


def named(terms: tuple[LossTerm, ...], conjunction: str = "and") -> str:
    """The names of terms in a sentence, such as `hidden and cosine`."""
    *others, last = (term.name for term in terms)
    return f"{', '.join(others)} {conjunction} {last}" if others else last
