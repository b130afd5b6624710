"""All that a search knows at one moment, made of its events: a replay gives the same. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

from labcore.config.steps import Step, steps_from
from labcore.search.search_events import (
    Begun,
    DesignMeasured,
    Failed,
    Proposed,
    Rung,
    SearchEvent,
    State,
    TeacherMeasured,
    Verdict,
)
from labcore.search.space import Point


@dataclass(frozen=True, kw_only=True)
class Design:
    """A proposed student. failed: why it could not be measured; empty if it could."""

    number: int
    point: Point
    steps: tuple[Step, ...]
    size: float | None
    verdict: Verdict
    reason: str = ""
    measured: tuple[DesignMeasured, ...] = ()
    failed: str = ""

    def at(self, rung: Rung) -> float | None:
        """Its mean accuracy over seeds at a rung, on validation examples; None if it has not been there."""
        accuracies = [each.accuracy for each in self.measured if each.rung == rung]
        return fmean(accuracies) if accuracies else None

    def trained(self, rung: Rung) -> tuple[DesignMeasured, ...]:
        """Its measurements at a rung, one for each seed."""
        return tuple(each for each in self.measured if each.rung == rung)

    @property
    def alive(self) -> bool:
        """Whether it may go on."""
        return self.verdict == "kept" and not self.failed

    @property
    def rung(self) -> Rung | None:
        """The highest rung that it has reached; None if it was only counted."""
        order: tuple[Rung, ...] = ("full", "short", "untrained")
        return next((rung for rung in order if self.at(rung) is not None), None)

    @property
    def known_size(self) -> float:
        """Its size; without one, it was refused, and has none to compare."""
        return float("inf") if self.size is None else self.size


@dataclass(frozen=True)
class History:
    """The search so far. begun: the run that it waits for. spent: of the budget, in its unit. reason: of the state."""

    teacher: TeacherMeasured | None = None
    designs: tuple[Design, ...] = ()
    begun: Begun | None = None
    spent: float = 0.0
    state: State = "running"
    reason: str = ""
    costs: Mapping[str, float] = field(default_factory=dict)  # of each rung; "counts" for proposals

    def after(self, event: SearchEvent) -> History:
        """The state after an event."""
        match event:
            case TeacherMeasured():
                return replace(self._paying("counts", event.cost), teacher=event)
            case Proposed():
                given: dict[str, Any] = {"steps": steps_from(tuple(event.steps)), "point": dict(event.point)}
                names = ("number", "size", "verdict", "reason")
                design = Design(**given, **{name: getattr(event, name) for name in names})
                return replace(self._paying("counts", event.cost), designs=(*self.designs, design))
            case Begun():
                return replace(self, begun=event)
            case DesignMeasured():
                changed = replace(self[event.number], measured=(*self[event.number].measured, event))
                return self._paying(event.rung, event.cost)._with(changed)
            case Failed():
                return self._paying("failed", event.cost)._with(replace(self[event.number], failed=event.reason))
            case _:
                return replace(self, state=event.state, reason=event.reason)

    def __getitem__(self, number: int) -> Design:
        return self.designs[number]

    def _with(self, design: Design) -> History:
        designs = (*self.designs[: design.number], design, *self.designs[design.number + 1 :])
        return replace(self, designs=designs, begun=None)

    def _paying(self, rung: str, cost: float) -> History:
        costs = {**self.costs, rung: self.costs.get(rung, 0.0) + cost}
        return replace(self, spent=self.spent + cost, costs=costs)

    def reached(self, rung: Rung) -> tuple[Design, ...]:
        """The designs that were measured at a rung and may go on, in the order of their proposal."""
        return tuple(design for design in self.designs if design.alive and design.at(rung) is not None)


def history_of(events: Iterable[SearchEvent]) -> History:
    """The state after these events."""
    history = History()
    for event in events:
        history = history.after(event)
    return history
