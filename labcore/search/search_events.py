"""What happens in a search, one JSON object a line: the search is all of these lines. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal, get_args

from labcore.config.checks import SpecError, shown
from labcore.config.json_data import parsed

Rung = Literal["untrained", "short", "full"]
State = Literal["running", "paused", "stopped", "finished"]
# kept: it goes on. larger: no smaller than the best known. over: above the size limit. same: as an earlier one.
Verdict = Literal["kept", "larger", "over", "same", "invalid"]
RUNGS: tuple[Rung, ...] = get_args(Rung)


@dataclass(frozen=True)
class TeacherMeasured:
    """The teacher's size as the goal measures it, and its accuracy on the validation split."""

    event: ClassVar[str] = "teacher"
    size: float
    accuracy: float
    cost: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A design. point: its place in the space's grids. steps: those that make it, as JSON. reason: of a refusal."""

    event: ClassVar[str] = "proposed"
    number: int
    point: dict[str, int]
    steps: list[dict[str, Any]]
    size: float | None
    verdict: Verdict
    reason: str = ""
    cost: float = 0.0


@dataclass(frozen=True)
class Begun:
    """A run of a design was queued or has begun."""

    event: ClassVar[str] = "begun"
    number: int
    rung: Rung
    seed: int
    run: str


@dataclass(frozen=True, kw_only=True)
class DesignMeasured:
    """A design's accuracy on validation examples, at a rung. run: the run that it was trained in.

    seed: counts up from 0. cost: in the unit of the search's budget.
    """

    event: ClassVar[str] = "measured"
    number: int
    rung: Rung
    seed: int
    accuracy: float
    run: str | None = None
    cost: float = 0.0


@dataclass(frozen=True)
class Failed:
    """A design could not be measured or trained; the search goes on without it."""

    event: ClassVar[str] = "failed"
    number: int
    reason: str
    cost: float = 0.0


@dataclass(frozen=True)
class StateChanged:
    """The search runs, pauses or has ended. reason: a sentence if it was not a person's wish."""

    event: ClassVar[str] = "state"
    state: State
    reason: str = ""


SearchEvent = TeacherMeasured | Proposed | Begun | DesignMeasured | Failed | StateChanged
_EVENTS: dict[str, type[SearchEvent]] = {cls.event: cls for cls in get_args(SearchEvent)}


def search_event_to_dict(event: SearchEvent) -> dict[str, Any]:
    """The event as JSON-ready data, its name under `event`."""
    return {"event": event.event, **asdict(event)}


def search_event_from_json(line: str) -> SearchEvent:
    """The inverse, of a line of JSON. Fields of a later version are left out. Raises SpecError if it is no event."""
    data = parsed(line, "an event of a search")
    cls = _EVENTS.get(str(data.get("event"))) if isinstance(data, Mapping) else None
    if cls is None:
        raise SpecError(f"an event of a search is {shown(data)}; give the file as the lab wrote it")
    known = {field.name for field in fields(cls)}
    try:
        return cls(**{name: value for name, value in data.items() if name in known})
    except TypeError as error:
        raise SpecError(f"an event of a search is incomplete ({error}); give the file as the lab wrote it") from None
