"""The two axes of the frontier: what one pays for a model, and how good it is. Standard library only.

Every cost is better if it is lower, every quality if it is higher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from labcore.config.checks import SpecError, shown
from labcore.results.accuracy_error import standard_error
from labcore.results.counts import Counts
from labcore.results.events import Finished
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.results.frontier_measured import TimeAndMemory

CostAxis = Literal["total", "nonzero", "stored", "sparse", "macs", "milliseconds", "memory"]
QualityAxis = Literal["accuracy", "retention", "agreement", "loyalty"]
COSTS: tuple[CostAxis, ...] = get_args(CostAxis)
QUALITIES: tuple[QualityAxis, ...] = get_args(QualityAxis)
Name = TypeVar("Name", CostAxis, QualityAxis)
MEASURED: tuple[CostAxis, ...] = ("milliseconds", "memory")  # on this machine, not counted


@dataclass(frozen=True)
class Axes:
    """The pair that a frontier draws. quality stands on the y-axis, cost on the x-axis."""

    cost: CostAxis = "total"
    quality: QualityAxis = "accuracy"

    @property
    def measured(self) -> bool:
        """Whether the cost is measured on this machine."""
        return self.cost in MEASURED


def axes_named(cost: str | None, quality: str | None) -> Axes:
    """The axes of these names, None for the default one. Raises SpecError if the lab has no such axis."""
    default = Axes()
    return Axes(_named(cost, COSTS, "cost") or default.cost, _named(quality, QUALITIES, "quality") or default.quality)


def _named(name: str | None, names: tuple[Name, ...], what: str) -> Name | None:
    if name is None:
        return None
    for each in names:
        if each == name:
            return each
    raise SpecError(f"the frontier's {what} is {shown(name)}; give one of {', '.join(names)}")


def cost_of(counts: Counts, axis: CostAxis, measured: TimeAndMemory | None = None) -> float | None:
    """A model's cost in parameters, bytes, multiply-accumulates or milliseconds; None if it is not known.

    Runs of an earlier version have no bytes. Stored bytes are those of the saved file, else of fp32.
    measured: on this machine; None if nothing was. Raises ValueError if the axis is unknown.
    """
    match axis:
        case "total":
            return counts.total
        case "nonzero":
            return counts.nonzero
        case "stored":
            return counts.cost.bytes.get("stored", counts.cost.bytes["fp32"]) if counts.cost else None
        case "sparse":
            return counts.cost.bytes["sparse"] if counts.cost else None
        case "macs":
            return counts.cost.macs if counts.cost else None
        case "milliseconds":
            return measured.latency.median_ms if measured else None
        case "memory":
            return measured.peak_bytes if measured else None
        case _:
            raise ValueError(f"cost {axis!r} is unknown")


def quality_of(result: Finished | TokenVectorResult, axis: QualityAxis) -> float | None:
    """A model's quality from 0 to 1; None if its run did not store it. Raises ValueError if the axis is unknown."""
    match axis:
        case "accuracy":
            return result.accuracy
        case "retention":
            return result.accuracy / result.teacher_accuracy if result.teacher_accuracy else None
        case "agreement":
            return result.agreement
        case "loyalty" if isinstance(result, TokenVectorResult):
            return result.probability_loyalty
        case "loyalty":
            return result.evaluation.probability_loyalty if result.evaluation else None
        case _:
            raise ValueError(f"quality {axis!r} is unknown")


def teacher_quality(result: Finished, axis: QualityAxis) -> float:
    """The quality of a run's teacher itself: it retains all of its accuracy and agrees with itself."""
    return result.teacher_accuracy if axis == "accuracy" else 1.0


def quality_error(quality: float, axis: QualityAxis, examples: int, teacher_accuracy: float) -> float | None:
    """The standard error of a quality over the test examples; None if it takes more than the quality to know it.

    That of the retention holds the teacher's accuracy fixed. Probability loyalty is no fraction of the examples.
    """
    match axis:
        case "accuracy" | "agreement":
            return standard_error(quality, examples)
        case "retention" if teacher_accuracy:
            return standard_error(min(1.0, quality * teacher_accuracy), examples) / teacher_accuracy
        case _:
            return None
