"""How a student is taught, as plain, frozen, checked data. Standard library only."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
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

Part = Literal["hard", "soft", "logit", "hidden", "cosine", "relation"]
PARTS: tuple[Part, ...] = get_args(Part)  # of the loss, in the order in which they are shown
STATE_PARTS: tuple[Part, ...] = ("hidden", "cosine")  # compare states, layer by layer
Schedule = Literal["constant", "linear", "cosine"]
LayerMap = Literal["even", "first", "last", "last_only", "similar"]
HiddenAt = Literal["cls", "tokens"]
Start = Literal["derived", "random"]
MAX_TRANSFER = 50_000
# Over this range the soft loss and its gradient are right to six digits (tests/test_losses.py measures it against 60 digits).
# Below it nothing is learned: the loss falls with the temperature. Above 100 it is that of the centred logits, and stays so.
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.01, 1_000_000.0


@dataclass(frozen=True)
class Final:
    """Where a schedule ends: weights of the loss and temperature at the last step; None stays as it begins."""

    hard: float | None = None
    soft: float | None = None
    logit: float | None = None
    hidden: float | None = None
    cosine: float | None = None
    relation: float | None = None
    temperature: float | None = None

    def __post_init__(self) -> None:
        make_plain(self)
        for name, value in asdict(self).items():
            if name == "temperature" and value is not None:
                check_between("distil.final.temperature", value, MIN_TEMPERATURE, MAX_TEMPERATURE)
            elif value is not None:
                check_number(f"distil.final.{name}", value, 0.0)


@dataclass(frozen=True)
class DistilConfig:
    """How the student is taught: the parts of the loss, what it reads, and how long the lesson lasts.

    loss = hard · cross-entropy + soft · τ² · KL(teacher ‖ student) + logit · MSE of the logits
         + hidden · MSE + cosine · (1 − cos) of mapped states + relation · KL of the last layer's self-attention relations.
    `hidden_at` says whose states: [CLS] only, or every word piece. `schedule` moves weights and temperature towards
    `final`. The lesson lasts `epochs`, or where they are given `steps` or `seconds`; `patience` ends it after so many
    validations in a row without a better one. `transfer` sentences without labels join each epoch.
    `gradual` reaches a pruning's sparsity along the way instead of at once. `embeddings` false leaves the word
    embeddings as they are. `start` random draws all the student's weights anew. `learning_rate` None takes what suits the student's start.
    """

    hard: float = 0.2
    soft: float = 0.8
    hidden: float = 0.0
    temperature: float = 2.0
    layer_map: LayerMap = "even"
    epochs: int = 3
    batch_size: int = 32
    learning_rate: float | None = None
    seed: int = 0
    logit: float = 0.0
    cosine: float = 0.0
    relation: float = 0.0
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
        for name in PARTS:
            check_number(f"distil.{name}", getattr(self, name), 0.0)
        check_between("distil.temperature", self.temperature, MIN_TEMPERATURE, MAX_TEMPERATURE)
        check_choice("distil.layer_map", self.layer_map, get_args(LayerMap))
        check_choice("distil.hidden_at", self.hidden_at, get_args(HiddenAt))
        check_choice("distil.start", self.start, get_args(Start))
        check_choice("distil.schedule", self.schedule, get_args(Schedule))
        if not self.parts:
            raise SpecError(
                f"distil.{', '.join(PARTS[:-1])} and {PARTS[-1]} are all 0, so there is nothing to learn from; raise one of them"
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
            raise SpecError(f"distil.dropout is {shown(self.dropout)}; give a share from 0 up to, but not including, 1")
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
    def parts(self) -> tuple[Part, ...]:
        """The parts of the loss that count at some time in the lesson."""
        scheduled = self.schedule != "constant"
        return tuple(
            part for part in PARTS if getattr(self, part) > 0 or (scheduled and (getattr(self.final, part) or 0) > 0)
        )

    def at(self, share: float) -> dict[str, float]:
        """Weights and temperature when `share` (0 to 1) of the lesson is over.

        linear: a straight line from the first value to the final one. cosine: half a wave, slow at both ends.
        """
        moved = {"constant": 0.0, "linear": share, "cosine": (1 - math.cos(math.pi * share)) / 2}[self.schedule]
        values = {}
        for name in (f.name for f in fields(Final)):
            start, end = getattr(self, name), getattr(self.final, name)
            values[name] = start if end is None else start + moved * (end - start)
        return values
