"""How a teacher of your own is fine-tuned on a task: plain, frozen, checked data. Standard library only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from labcore.config.checks import (
    SpecError,
    check_characters,
    check_choice,
    check_integer,
    check_number,
    known_fields,
    make_plain,
    shown,
)

Method = Literal["lora", "full"]
RATES: dict[Method, float] = {"lora": 5e-4, "full": 5e-5}  # the highest learning rate, if none is given
MAX_EPOCHS, MAX_BATCH = 30, 512
STEPS_WANTED = 400  # a small data set is read several times until it has had about this many steps
EPOCHS_BY_SIZE = (2, 12)  # the fewest and the most, if none are given
LARGE = 20_000  # training examples, from which one epoch is the default
VALIDATIONS = 8  # of the training, or one in each epoch if that is more
VALIDATED = 600  # validation examples at most during the training, evenly spread


@dataclass(frozen=True)
class FineTuning:
    """The lab's pre-trained MiniLM, fine-tuned on `task` with labels only.

    method: "lora" trains a low-rank adapter of each encoder matrix (Hu et al., 2021, https://arxiv.org/abs/2106.09685),
    "full" trains every weight. epochs None: by the number of training examples. learning_rate None: the method's own.
    Raises SpecError if a field is not valid.
    """

    task: str
    method: Method = "lora"
    epochs: int | None = None
    batch_size: int = 16
    learning_rate: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        make_plain(self)
        if not isinstance(self.task, str) or not self.task.strip():
            raise SpecError(f'task is {shown(self.task)}; give its name, such as "reviews"')
        check_characters("task", self.task)
        check_choice("method", self.method, get_args(Method))
        if self.epochs is not None:
            check_integer("epochs", self.epochs, 1, MAX_EPOCHS)
        check_integer("batch_size", self.batch_size, 1, MAX_BATCH)
        check_integer("seed", self.seed, 0, 2**63 - 1)
        if self.learning_rate is not None:
            check_number("learning_rate", self.learning_rate, 0.0, above=True)

    @property
    def rate(self) -> float:
        """The highest learning rate."""
        return self.learning_rate or RATES[self.method]

    def epochs_for(self, examples: int) -> int:
        """The epochs on this number of training examples."""
        if self.epochs is not None:
            return self.epochs
        if examples >= LARGE:
            return 1
        fewest, most = EPOCHS_BY_SIZE
        return max(fewest, min(most, round(STEPS_WANTED * self.batch_size / max(1, examples))))

    def validations_for(self, examples: int) -> int:
        """The validations of the whole training, the same number in each epoch."""
        epochs = self.epochs_for(examples)
        return epochs * max(1, VALIDATIONS // epochs)

    def to_dict(self) -> dict[str, Any]:
        """The configuration as JSON-ready data."""
        return asdict(self)

    @staticmethod
    def from_dict(data: object) -> FineTuning:
        """The inverse of `to_dict`. Raises SpecError if the data are not valid."""
        return FineTuning(**known_fields("the fine-tuning", data, FineTuning))
