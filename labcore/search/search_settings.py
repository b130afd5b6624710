"""A search as plain, frozen, checked data: what counts, for how long, and with which seed. Standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from labcore.config.checks import (
    SpecError,
    check_between,
    check_characters,
    check_choice,
    check_integer,
    check_number,
    check_one_of,
    known_fields,
    make_plain,
    shown,
)
from labcore.config.json_data import parsed
from labcore.config.training import DistilConfig

Size = Literal["parameters", "bytes", "macs", "ms"]
Unit = Literal["seconds", "steps"]
Proposals = Literal["tpe", "random"]
SIZES: tuple[Size, ...] = get_args(Size)
SIZE_WORDS: dict[Size, str] = {
    "parameters": "parameters",
    "bytes": "stored bytes",
    "macs": "multiply-accumulates",
    "ms": "milliseconds",
}
MIN_SECONDS, MAX_SECONDS = 60, 86_400
MIN_STEPS, MAX_STEPS = 40, 1_000_000
MAX_POINTS = 50  # of accuracy below the teacher's


@dataclass(frozen=True)
class Goal:
    """What counts. `size`: how a student is measured; milliseconds are those of one example on this machine.

    within: the smallest student counts, if its accuracy is at most this number of points below the teacher's.
    limit: the most accurate student counts, if its size is at most this. Exactly one of the two is given.
    Raises SpecError for a value that is not allowed.
    """

    size: Size = "parameters"
    within: float | None = None
    limit: float | None = None

    def __post_init__(self) -> None:
        make_plain(self)
        check_choice("goal.size", self.size, SIZES)
        check_one_of("goal", within=self.within, limit=self.limit)
        if self.within is not None:
            check_between("goal.within", self.within, 0, MAX_POINTS)
        if self.limit is not None:
            check_number("goal.limit", self.limit, 0.0, above=True)


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """A search for the student that meets a goal best.

    Its budget is `seconds` of this machine's time, or a number of optimiser `steps`. Only with `steps` is it
    deterministic: then equal searches propose and train the same students. distil: how each student is trained; the
    search sets its length and its seed. proposals: who proposes designs, a tree-structured Parzen estimator or chance.
    Raises SpecError for a value that is not allowed.
    """

    teacher: str = "reviews"
    task: str = "reviews"
    goal: Goal = field(default_factory=lambda: Goal(within=2.0))
    seconds: float | None = None
    steps: int | None = None
    seed: int = 0
    distil: DistilConfig = field(default_factory=DistilConfig)
    proposals: Proposals = "tpe"

    def __post_init__(self) -> None:
        make_plain(self)
        for name in ("teacher", "task"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise SpecError(f'{name} is {shown(value)}; give its name, such as "reviews"')
            check_characters(name, value)
        if not isinstance(self.goal, Goal):
            object.__setattr__(self, "goal", Goal(**known_fields("goal", self.goal, Goal)))
        if not isinstance(self.distil, DistilConfig):
            object.__setattr__(self, "distil", DistilConfig(**known_fields("distil", self.distil, DistilConfig)))
        check_one_of("a search", seconds=self.seconds, steps=self.steps)
        if self.seconds is not None:
            check_between("seconds", self.seconds, MIN_SECONDS, MAX_SECONDS)
        if self.steps is not None:
            check_integer("steps", self.steps, MIN_STEPS, MAX_STEPS)
        check_integer("seed", self.seed, 0, 2**31 - 1)
        check_choice("proposals", self.proposals, get_args(Proposals))

    @property
    def unit(self) -> Unit:
        """What its budget counts."""
        return "seconds" if self.steps is None else "steps"

    @property
    def budget(self) -> float:
        """Its budget in that unit."""
        return float(self.steps or self.seconds or 0)

    def to_dict(self) -> dict[str, Any]:
        """The search as JSON-ready data."""
        return asdict(self)

    def to_json(self) -> str:
        """The search as JSON text."""
        return json.dumps(self.to_dict())

    @staticmethod
    def from_dict(data: object) -> SearchSettings:
        """The inverse of `to_dict`; a missing field takes its default. Raises SpecError if the data are not valid."""
        return SearchSettings(**known_fields("the search", data, SearchSettings))

    @staticmethod
    def from_json(text: str) -> SearchSettings:
        """The inverse of `to_json`. Raises SpecError if the text is not JSON or the search not valid."""
        return SearchSettings.from_dict(parsed(text, "the search", 'give one JSON object, such as {"seconds": 1200}'))
