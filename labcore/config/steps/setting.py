"""The settings of a step: each holds its words, its check and its limits, so that page and error agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labcore.config.checks import MAX_SIZE, SpecError, check_choice, check_integer, check_number, check_switch, shown
from labcore.models.architecture import Structure

Stops = Callable[[Any, int], Iterable[int]]  # of a step and of what is available: the sizes that a slider offers


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A field of a step: what a page calls it, and what it may be.

    label: may name `{available}`. chooses_weights: it only decides which of the teacher's weights are kept.
    """

    label: str
    help: str = ""
    chooses_weights: bool = False

    def check(self, path: str, value: object) -> None:
        """Raises SpecError if `value` is not allowed in the field called `path`."""


@dataclass(frozen=True, kw_only=True)
class Integer(Setting):
    """A whole number of at least 1.

    available: the largest that an architecture allows. stops: the numbers that a page offers; None for every one.
    may_grow: whether it may be above what is available.
    """

    available: Callable[[Structure], int]
    stops: Stops | None = None
    maximum: int = MAX_SIZE
    may_grow: bool = False

    def check(self, path: str, value: object) -> None:
        """Raises SpecError if `value` is no whole number from 1 to the maximum."""
        check_integer(path, value, 1, self.maximum)


@dataclass(frozen=True, kw_only=True)
class Fraction(Setting):
    """A fraction, which a page shows in percent. zero, one: whether these ends are allowed."""

    zero: bool = False
    one: bool = False

    def check(self, path: str, value: object) -> None:
        """Raises SpecError if `value` is no number from 0 to 1, or is an end that is not allowed."""
        check_number(path, value, 0.0, above=not self.zero)
        if value > 1 or (value == 1 and not self.one):  # type: ignore[operator]
            start, end = ("of at least 0" if self.zero else "above 0"), ("at most 1" if self.one else "below 1")
            raise SpecError(f"{path} is {shown(value)}; give a fraction {start} and {end}")


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of several values, words or numbers. options: each value, and what a page calls it."""

    options: Mapping[Any, str]

    def check(self, path: str, value: object) -> None:
        """Raises SpecError if `value` is none of the options."""
        check_choice(path, value, tuple(self.options))


@dataclass(frozen=True, kw_only=True)
class Switch(Setting):
    """True or false."""

    def check(self, path: str, value: object) -> None:
        """Raises SpecError if `value` is neither true nor false."""
        check_switch(path, value)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of two fields of which exactly one is given.

    label: what a page calls it. start: its value once it is chosen.
    needs_weights: whether the sizes of a teacher are not enough.
    """

    label: str
    start: Callable[[Structure], object]
    needs_weights: bool = False


@dataclass(frozen=True, kw_only=True)
class Either:
    """Two fields of which exactly one is given. label: may name `{available}`."""

    label: str
    options: Mapping[str, Option]
    help: str = ""
    available: Callable[[Structure], int] | None = None


def set_by(setting: Setting) -> dict[str, Setting]:
    """The metadata of a field that has this setting."""
    return {"setting": setting}


def stops_up_to(most: int, grain: int) -> set[int]:
    """Every `grain`-th number up to `most`, and `most` itself."""
    return {*range(grain, most + 1, grain), most}
