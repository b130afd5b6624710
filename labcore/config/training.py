"""The training configuration: how a student is distilled, as plain, frozen, checked data. Standard library only."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from functools import reduce
from operator import or_
from typing import Literal, get_args

from labcore.config.checks import (
    SpecError,
    check_between,
    check_choice,
    check_integer,
    check_number,
    check_switch,
    known_fields,
    make_plain,
    shown,
)
from labcore.config.loss_terms import LOSS_TERMS, LossTerm, LossWeights, Need, named

Schedule = Literal["constant", "linear", "cosine"]
LayerMap = Literal["even", "first", "last", "last_only", "similar"]
HiddenAt = Literal["cls", "tokens"]
Start = Literal["derived", "random"]
MAX_TRANSFER = 50_000
# Over this range the soft loss and its gradient are right to six digits (a test compares them with 60 digits). Below it
# nothing is learned: the loss falls with the temperature. Above 100 it is that of the centred logits, and stays so.
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.01, 1_000_000.0


@dataclass(frozen=True)
class Final(LossWeights[float | None], optional=True):
    """The loss weights and the temperature at the last step of a schedule; None keeps the first value.

    Raises SpecError if a weight is negative or the temperature out of range.
    """

    temperature: float | None = None

    def __post_init__(self) -> None:
        make_plain(self)
        for term in LOSS_TERMS:
            if (weight := getattr(self, term.name)) is not None:
                check_number(f"distil.final.{term.name}", weight, 0.0)
        if self.temperature is not None:
            check_between("distil.final.temperature", self.temperature, MIN_TEMPERATURE, MAX_TEMPERATURE)


@dataclass(frozen=True)
class DistilConfig(LossWeights[float]):
    """How the student is trained: the weight of each loss term, the examples, and the length of the training.

    The loss is the sum of the terms in labcore.config.loss_terms, each times its weight. `temperature` softens both
    models. `hidden_at`: whether hidden states are compared at [CLS] only, or at all tokens. `layer_map` pairs the
    layers. `schedule` moves weights and temperature towards `final`. The training lasts `epochs`, or if they are given
    `steps` or `seconds`. `patience` ends it after that many validations in a row without a better student. `transfer`
    is the number of unlabelled examples in each epoch. `gradual` reaches a pruning's sparsity step by step instead of
    at once. If `embeddings` is false, the word embeddings are not trained. `start` random initialises all weights at
    random. `learning_rate` None takes the one for the student's start.
    Raises SpecError for a value that is not allowed, and if all weights are 0.
    """

    temperature: float = 2.0
    layer_map: LayerMap = "even"
    epochs: int = 3
    batch_size: int = 32
    learning_rate: float | None = None
    seed: int = 0
    hidden_at: HiddenAt = "cls"
    schedule: Schedule = "constant"
    final: Final = field(default_factory=Final)
    transfer: int = 0
    steps: int | None = None
    seconds: float | None = None
    patience: int | None = None
    dropout: float = 0.0
    weight_decay: float = 0.01
    embeddings: bool = True
    gradual: bool = False
    start: Start = "derived"

    def __post_init__(self) -> None:
        """`final` may be given as a JSON object, too."""
        make_plain(self)
        if not isinstance(self.final, Final):
            object.__setattr__(self, "final", Final(**known_fields("distil.final", self.final, Final)))
        for term in LOSS_TERMS:
            check_number(f"distil.{term.name}", getattr(self, term.name), 0.0)
        check_between("distil.temperature", self.temperature, MIN_TEMPERATURE, MAX_TEMPERATURE)
        check_choice("distil.layer_map", self.layer_map, get_args(LayerMap))
        check_choice("distil.hidden_at", self.hidden_at, get_args(HiddenAt))
        check_choice("distil.start", self.start, get_args(Start))
        check_choice("distil.schedule", self.schedule, get_args(Schedule))
        if not self.terms:
            raise SpecError(
                f"distil.{named(LOSS_TERMS)} are all 0, so there is nothing to learn from; raise one of them"
            )
        check_integer("distil.epochs", self.epochs, 1, 1000)
        check_integer("distil.batch_size", self.batch_size, 1)
        check_integer("distil.seed", self.seed, 0, 2**63 - 1)
        check_integer("distil.transfer", self.transfer, 0, MAX_TRANSFER)
        if self.learning_rate is not None:
            check_number("distil.learning_rate", self.learning_rate, 0.0, above=True)
        self._check_length()
        check_number("distil.dropout", self.dropout, 0.0)
        if self.dropout >= 1:
            raise SpecError(
                f"distil.dropout is {shown(self.dropout)}; give a fraction from 0 up to, but not including, 1"
            )
        check_number("distil.weight_decay", self.weight_decay, 0.0)
        check_switch("distil.embeddings", self.embeddings)
        check_switch("distil.gradual", self.gradual)

    def _check_length(self) -> None:
        if self.steps is not None and self.seconds is not None:
            raise SpecError("distil has both 'steps' and 'seconds'; give one of them, or neither for 'epochs'")
        if self.steps is not None:
            check_integer("distil.steps", self.steps, 1, 1_000_000)
        if self.seconds is not None:
            check_number("distil.seconds", self.seconds, 0.0, above=True)
            if self.seconds > 86_400:
                raise SpecError(f"distil.seconds is {self.seconds:g}; give at most 86400, a day")
        if self.patience is not None:
            check_integer("distil.patience", self.patience, 1)

    @property
    def terms(self) -> tuple[LossTerm, ...]:
        """The loss terms that have a weight at some time in the training."""
        scheduled = self.schedule != "constant"
        return tuple(
            term
            for term in LOSS_TERMS
            if getattr(self, term.name) > 0 or (scheduled and (getattr(self.final, term.name) or 0) > 0)
        )

    @property
    def needs(self) -> Need:
        """What the loss terms with a weight need, all together."""
        return reduce(or_, (term.needs for term in self.terms), Need(0))

    @property
    def from_teacher(self) -> bool:
        """Whether the student is distilled: some term compares it with its teacher."""
        return any(term.from_teacher for term in self.terms)

    def values_at(self, progress: float) -> dict[str, float]:
        """The loss weights and the temperature, by name, if `progress` (0 to 1) of the training is over.

        linear: a straight line from the first value to the final one. cosine: half a cosine wave, slow at both ends.
        """
        moved = {"constant": 0.0, "linear": progress, "cosine": (1 - math.cos(math.pi * progress)) / 2}[self.schedule]
        values = {}
        for name in (each.name for each in fields(Final)):
            first, final = getattr(self, name), getattr(self.final, name)
            values[name] = first if final is None else first + moved * (final - first)
        return values
