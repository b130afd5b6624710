"""Dataclasses as JSON objects. A renamed field keeps the key under which files on disk already store it.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any


def stored_as(key: str) -> Mapping[str, str]:
    """Metadata of a dataclass field whose JSON key is not its name."""
    return {"key": key}


def to_json(value: Any) -> Any:
    """Data for `json.dumps`: dataclasses as objects under their stored keys, through every mapping, list and tuple."""
    if is_dataclass(value) and not isinstance(value, type):
        return {_key(field): to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return type(value)(map(to_json, value)) if isinstance(value, list | tuple) else value


def fields_from_json(cls: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a dataclass's fields, by field name. Keys that the class does not have are left out."""
    return {field.name: data[_key(field)] for field in fields(cls) if _key(field) in data}


def as_tuples(value: Any) -> Any:
    """The same data with a tuple for each list that JSON made, at any depth."""
    if isinstance(value, dict):
        return {name: as_tuples(item) for name, item in value.items()}
    return tuple(map(as_tuples, value)) if isinstance(value, list | tuple) else value


def _key(field: Field[Any]) -> str:
    key: str = field.metadata.get("key", field.name)
    return key
