"""Checks of settings, each with a one-line error; plain Python values from those of NumPy and torch.

Standard library only.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

MAX_LAYERS = 256
MAX_SIZE = 65_536  # of any size: far above every BERT, and far below what would exhaust a server


class SpecError(ValueError):
    """A spec that the lab cannot carry out. The message has the given value, the allowed values, and what to do."""


# -- plain values ------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A NumPy or torch scalar as a Python value, a list or tuple as a tuple of such; all else unchanged.

    This imports neither library: a scalar is anything with an empty `shape` and an `item`.
    """
    return tuple(map(_scalar, value)) if isinstance(value, list | tuple) else _scalar(value)


def _scalar(value: Any) -> Any:
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        try:
            return value.item()
        except Exception:  # a tensor without a value: its field's check refuses it
            return value
    return value


def make_plain(settings: Any) -> None:
    """Put plain values into a frozen dataclass under construction.

    Then equal settings compare equal, have equal hashes and write the same JSON.
    """
    for field in fields(settings):
        object.__setattr__(settings, field.name, plain(getattr(settings, field.name)))


def shown(value: object) -> str:
    """A value as an error quotes it: on one line, at most 60 characters."""
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a number of more than 20 digits"
    try:
        text = " ".join(repr(value).split())
    except RecursionError:
        return "data that is nested too deep"
    return text if len(text) <= 60 else text[:57] + "…"


def known_fields(where: str, data: object, cls: type) -> dict[str, Any]:
    """The fields of a JSON object. Raises SpecError if it is no object, or has a field that `cls` lacks."""
    if not isinstance(data, dict):
        raise SpecError(f"{where} is {shown(data)}; give a JSON object")
    known = [field.name for field in fields(cls)]
    for name in data:
        if name not in known:
            raise SpecError(f"{where} has an unknown field {shown(name)}; its fields are {', '.join(known)}")
    return dict(data)


# -- checks ------------------------------------------------------------------------------------------


def check_integer(where: str, value: object, minimum: int, maximum: int = MAX_SIZE) -> None:
    """Raise SpecError unless `value` is a whole number from `minimum` to `maximum`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise SpecError(f"{where} is {shown(value)}; give a whole number of {minimum} or more")
    if value > maximum:
        raise SpecError(f"{where} is {shown(value)}; give at most {maximum}")


def check_number(where: str, value: object, minimum: float, *, above: bool = False) -> None:
    """Raise SpecError unless `value` is a finite number of at least (or `above`) `minimum`."""
    ok = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    if not ok or value < minimum or (above and value == minimum):  # type: ignore[operator]
        raise SpecError(f"{where} is {shown(value)}; give a number {'above' if above else 'of at least'} {minimum:g}")


def check_between(where: str, value: object, minimum: float, maximum: float) -> None:
    """Raise SpecError unless `value` is a number from `minimum` to `maximum`."""
    ok = isinstance(value, int | float) and not isinstance(value, bool) and minimum <= value <= maximum
    if not ok:
        raise SpecError(f"{where} is {shown(value)}; give a number from {minimum:,g} to {maximum:,.0f}")


def check_text(where: str, value: object, most: int) -> None:
    """Raise SpecError unless `value` is text of at most `most` characters that can be written to a file."""
    if not isinstance(value, str):
        raise SpecError(f"{where} is {shown(value)}; give text")
    if len(value) > most:
        raise SpecError(f"{where} has {len(value):,} characters; give at most {most:,}")
    check_characters(where, value)


def check_characters(where: str, text: str) -> None:
    """Raise SpecError if `text` holds half a character (a lone surrogate): no file and no tokenizer accepts it."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise SpecError(f"{where} is {shown(text)}, which holds half a character; type it again")


def check_choice(where: str, value: object, allowed: tuple[str | int, ...]) -> None:
    """Raise SpecError unless `value` is one of `allowed`, of the same type."""
    if not any(type(value) is type(each) and value == each for each in allowed):
        raise SpecError(f"{where} is {shown(value)}; give one of {', '.join(map(str, allowed))}")


def check_switch(where: str, value: object) -> None:
    """Raise SpecError unless `value` is true or false."""
    if not isinstance(value, bool):
        raise SpecError(f"{where} is {shown(value)}; give true or false")


def check_one_of(kind: str, **given: object) -> None:
    """Raise SpecError unless exactly one of two fields is given."""
    if sum(value is not None for value in given.values()) != 1:
        one, other = given
        raise SpecError(f"{kind} needs either '{one}' or '{other}'; give one of them")
