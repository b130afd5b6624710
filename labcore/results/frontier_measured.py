"""What the frontier measures of a model on this machine: its time and its peak memory. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labcore.results.json_keys import fields_from_json, to_json
from labcore.results.measurements import Latency


@dataclass(frozen=True, kw_only=True)
class TimeAndMemory:
    """latency: of one example. peak_bytes: of its forward pass, see labcore.count.peak_memory."""

    latency: Latency
    peak_bytes: int

    def to_json(self) -> dict[str, Any]:
        """Every field, for a file."""
        data: dict[str, Any] = to_json(self)
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> TimeAndMemory:
        """The inverse of `to_json`. Raises KeyError or TypeError if a field is missing."""
        latency = Latency(**fields_from_json(Latency, data["latency"]))
        return TimeAndMemory(latency=latency, peak_bytes=data["peak_bytes"])
