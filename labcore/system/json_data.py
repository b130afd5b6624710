"""JSON that anybody may have written, read strictly: whole objects, and errors that say what is wrong."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from labcore.config.checks import shown
from labcore.config.spec import SpecError


def whole_object(where: str, data: object, names: tuple[str, ...]) -> dict[str, Any]:
    """A JSON object that has these fields and no others. Raises SpecError."""
    if not isinstance(data, dict):
        raise SpecError(f"{where} is {shown(data)}; give a JSON object")
    if unknown := [name for name in data if name not in names]:
        raise SpecError(f"{where} has an unknown field {shown(unknown[0])}; it knows {', '.join(names)}")
    if lacking := [name for name in names if name not in data]:
        raise SpecError(f"{where} lacks its field '{lacking[0]}'; give all of {', '.join(names)}")
    return dict(data)


def parsed(text: str, what: str) -> Any:
    """The data in JSON text; `what` is how an error calls it. Raises SpecError, also for numbers that are none."""

    def refuse(name: str) -> None:
        raise SpecError(f"{what} holds {name}, which is not a number; give finite numbers only")

    try:
        return json.loads(text, parse_constant=refuse)
    except SpecError:
        raise
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{what} is not JSON ({error}); give the file as the lab wrote it") from None


def check_time(where: str, value: object) -> None:
    """Raise SpecError unless `value` is None or a time in ISO 8601 with its zone."""
    if value is None:
        return
    try:
        known = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        raise SpecError(f"{where} is {shown(value)}; give a time with its zone, such as 2026-01-31T12:00:00+00:00")
