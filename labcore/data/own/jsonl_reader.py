"""A table from JSON: one object a line, or an array of objects. Standard library only."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

from labcore.config.checks import shown
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table, check_columns, check_rows, column_names

ADVICE = 'give one JSON object a line, such as {"text": "A good film", "label": "positive"}'
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)  # the file's own digits
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")


def read_jsonl(text: str) -> Table:
    """The table in a text: a column for each key, in the order of their first use. A missing key is an empty cell.

    Numbers keep the file's own digits; lists and objects are shown as JSON. Raises DataError.
    """
    keys: dict[str, int] = {}
    rows: list[list[str]] = []
    last: dict[str, Any] = {}
    for last in _objects(text):
        row = [""] * len(keys)
        for key, value in last.items():
            if key not in keys:
                keys[key] = len(keys)
                check_columns(len(keys))
                row.append("")
            row[keys[key]] = _cell(value)
        rows.append(row)
        check_rows(len(rows))
    if not rows:
        raise DataError(f"the file has no row; {ADVICE}")
    if len(rows) == 1 and any(isinstance(value, list | dict) and len(value) > 1 for value in last.values()):
        raise DataError(f"the file is one JSON object that holds all rows; {ADVICE}")
    if not keys:
        raise DataError(f"the objects in the file have no key; {ADVICE}")
    width = len(keys)
    names = column_names([_repaired(key) for key in keys])
    return Table(names, tuple((*row, *[""] * (width - len(row))) for row in rows))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    if text.lstrip()[:1] == "[":
        yield from _entries(text)
        return
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
        if line.strip():
            where = f"line {number:,}"
            value, end = _parsed(line, 0, where)
            if line[end:].strip():
                raise DataError(f"{where} holds more than one JSON value; {ADVICE}")
            yield _object(value, where)


def _entries(text: str) -> Iterator[dict[str, Any]]:
    """The objects in an array, one after the other: nothing is read behind a limit."""
    at, number = _skip(text, 0) + 1, 1
    if text[_skip(text, at) : _skip(text, at) + 1] == "]":
        return
    while True:
        where = f"entry {number:,}"
        value, at = _parsed(text, _skip(text, at), where)
        yield _object(value, where)
        at, number = _skip(text, at), number + 1
        if text[at : at + 1] != ",":
            break
        at += 1
    if text[at : at + 1] != "]" or text[at + 1 :].strip():
        raise DataError(f"the file is not JSON behind {where}; {ADVICE}")


def _skip(text: str, at: int) -> int:
    """The index of the next character that is no space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _parsed(text: str, at: int, where: str) -> tuple[Any, int]:
    """The JSON value at an index, and the index behind it. Raises DataError."""
    try:
        value, end = _DECODER.raw_decode(text, _skip(text, at))
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else shown(getattr(error, "msg", "wrong"))[1:-1]
        raise DataError(f"{where} is not JSON ({reason}); {ADVICE}") from None
    return value, end


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{where} is {shown(value)}; {ADVICE}")
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        try:
            value = json.dumps(value, ensure_ascii=False)
        except RecursionError:
            return ""
    return _repaired(value)


def _repaired(text: str) -> str:
    """Text in which half a character, which JSON can escape, became a question mark; without NUL characters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
