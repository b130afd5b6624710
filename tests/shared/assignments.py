"""An assignment to change, its link as edited JSON, and a spec with too many assistants."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from labcore.config.assignment import Assignment
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers

ASSIGNMENT = "lesson"  # the query parameter, which old links have
SPEC = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64)), distil=DistilConfig(seed=7))


def assignment(**changes: Any) -> Assignment:
    plain = Assignment(
        spec=SPEC,
        title="How small?",
        text="Move the rank.",
        page="design",
        locked=(),
        hidden=(),
        large=False,
    )
    return replace(plain, **changes)


def nested(depth: int) -> dict[str, Any]:
    """A spec with `depth` nested assistants."""
    spec: dict[str, Any] = {}
    for _ in range(depth):
        spec = {"assistant": spec}
    return spec


def edited(change: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(assignment().to_json())
    change(data)
    return json.dumps(data)
