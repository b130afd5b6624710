"""The one reader of JSON from files and links, which anybody may have written. Standard library only."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from labcore.config.checks import SpecError, shown


def parsed(text: str, what: str, advice: str = "give the file as the lab wrote it", *, finite: bool = True) -> Any:
    """The data in JSON text.

    what: its name in an error. advice: the end of that error. finite: whether NaN and infinities are rejected.
    Raises SpecError if the text is not JSON, is nested too deeply, or holds a number that is too long or not finite.
    """

    def reject(name: str) -> None:
        raise SpecError(f"{what} holds {name}, which is not a number; give finite numbers only")

    try:
        return json.loads(text, parse_constant=reject if finite else None)
    except SpecError:
        raise
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{what} is not JSON ({error}); {advice}") from None


def read_json(path: Path, advice: str = "copy it again", error: type[SpecError] = SpecError) -> Any:
    """The data in a JSON file. Raises `error`, which ends in the advice, if the file can't be read or is not JSON."""
    try:
        return parsed(path.read_text(encoding="utf-8"), "it", advice)
    except (OSError, UnicodeDecodeError) as refused:
        raise error(f"{path} can't be read ({refused}); {advice}") from None
    except SpecError as wrong:
        raise error(f"{path} can't be read: {wrong}") from None


def whole_object(where: str, data: object, names: tuple[str, ...]) -> dict[str, Any]:
    """A JSON object that has these fields and no others. Raises SpecError if it has not."""
    if not isinstance(data, dict):
        raise SpecError(f"{where} is {shown(data)}; give a JSON object")
    if unknown := [name for name in data if name not in names]:
        raise SpecError(f"{where} has an unknown field {shown(unknown[0])}; its fields are {', '.join(names)}")
    if missing := [name for name in names if name not in data]:
        raise SpecError(f"{where} lacks its field '{missing[0]}'; give all of {', '.join(names)}")
    return dict(data)


def check_time(where: str, value: object) -> None:
    """Raises SpecError unless `value` is None or a time in ISO 8601 with its zone."""
    if value is None:
        return
    try:
        valid = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        valid = False
    if not valid:
        raise SpecError(f"{where} is {shown(value)}; give a time with its zone, such as 2026-01-31T12:00:00+00:00")
