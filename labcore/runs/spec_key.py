"""The key of a spec, by which its runs are looked up: equal specs have equal keys, on every machine and later on.

A setting at its default is left out. So a setting that a later version of the lab adds does not change the keys of
runs that are stored.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from labcore.config.spec import Spec
from labcore.config.steps import Step


def spec_key(spec: Spec) -> str:
    """32 hexadecimal digits of a hash of all that makes specs differ."""
    text = json.dumps(_canonical(spec), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _canonical(value: Any) -> Any:
    """JSON data that are equal for equal values: 2 and 2.0 compare equal in a spec."""
    if is_dataclass(value) and not isinstance(value, type):
        kind = {"kind": value.kind} if isinstance(value, Step) else {}
        own = {field.name: getattr(value, field.name) for field in fields(value)}
        given = {field.name for field in fields(value) if own[field.name] != _default(field)}
        return kind | {name: _canonical(own[name]) for name in given}
    if isinstance(value, tuple):
        return [_canonical(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
