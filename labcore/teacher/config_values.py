"""The values of a config's fields, each of the type that it must have, or an error that names field and value."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers.activations import ACT2FN

from labcore.config.checks import shown
from labcore.teacher.location import CONFIG, TeacherError


def size_in(folder: Path, data: dict[str, Any], name: str, most: int) -> int:
    """A whole number from 1 to `most`. Raises TeacherError for any other value."""
    value = data[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise TeacherError(
            f"{name} in {folder / CONFIG} is {shown(value)}; it must be a whole number from 1 to {most:,}"
        )
    return value


def number_in(folder: Path, data: dict[str, Any], name: str, right: Callable[[float], bool], allowed: str) -> float:
    """A number that is `right`. Raises TeacherError, which names those `allowed`, for any other value."""
    value = data[name]
    ok = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e30
    if not ok or not math.isfinite(value) or not right(value):
        raise TeacherError(f"{name} in {folder / CONFIG} is {shown(value)}; it must be {allowed}")
    return float(value)


def switch_in(folder: Path, data: dict[str, Any], name: str) -> bool:
    """True or false. Raises TeacherError for any other value."""
    if not isinstance(data[name], bool):
        raise TeacherError(f"{name} in {folder / CONFIG} is {shown(data[name])}; it must be true or false")
    return data[name]


def choice_in(folder: Path, data: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """The field's value. Raises TeacherError if it is none of these."""
    if data[name] not in allowed:
        raise TeacherError(f"{name} in {folder / CONFIG} is {shown(data[name])}; it must be {' or '.join(allowed)}")
    value: str = data[name]
    return value


def activation_in(folder: Path, data: dict[str, Any], name: str) -> str:
    """The name of an activation. Raises TeacherError if transformers does not have it."""
    value = data[name]
    if not isinstance(value, str) or value not in ACT2FN:
        raise TeacherError(
            f'{name} in {folder / CONFIG} is {shown(value)}, which transformers does not have; the usual one is "gelu"'
        )
    return value
