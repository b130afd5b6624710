"""The queue as pages show it: what runs, what waits in which place, and when it is expected to begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from labcore.config.spec import Spec
from labcore.results.events import Event, TrainStep
from labcore.runs.fair_order import Owner
from labcore.teacher.own_teachers import OwnTeacher

Work = Spec | OwnTeacher
# open: jobs begin in turn. paused: none begins. drained: none begins, and none is accepted.
QueueState = Literal["open", "paused", "drained"]
PAUSED = "the host has paused the queue; what waits begins when the host lets it go on"
DRAINED = "the host has closed the queue: no new job is accepted; try again once the host has opened it"


@dataclass(frozen=True, kw_only=True)
class WaitingJob:
    """A job that waits. owners: who waits for it. place: 1 for the next. begins_in: expected seconds; None: unknown.

    seconds: the job's own expected time; None if it is unknown.
    """

    id: str
    work: Work
    owners: tuple[Owner, ...]
    place: int
    begins_in: float | None
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class RunningJob:
    """A job that runs. progress: 0 to 1, of its training. seconds_left: expected; None if it is unknown."""

    id: str
    work: Work
    owners: tuple[Owner, ...]
    progress: float
    seconds_left: float | None
    stopping: bool


@dataclass(frozen=True)
class QueueOverview:
    """All of the queue at one moment."""

    state: QueueState
    running: tuple[RunningJob, ...]
    waiting: tuple[WaitingJob, ...]

    def find(self, job_id: str) -> WaitingJob | None:
        """The waiting job with this id; None if it does not wait."""
        return next((job for job in self.waiting if job.id == job_id), None)


@dataclass
class JobProgress:
    """How far a job has come that begins now, at `begun` on the clock `now`, in seconds."""

    now: Callable[[], float]
    begun: float = field(init=False)
    fraction: float = 0.0
    _left: float | None = None
    _at: float = 0.0

    def __post_init__(self) -> None:
        self.begun = self.now()

    def follow(self, event: Event) -> None:
        """Take in an event of the job."""
        if isinstance(event, TrainStep):
            self.fraction = min(1.0, max(event.progress, event.step / event.steps))
            self._left, self._at = event.elapsed * (1 - self.fraction) / self.fraction, self.now()

    def seconds_left(self, expected: float | None) -> float | None:
        """The seconds until the job ends: by its training once that is on its way, else of `expected` in all."""
        if self._left is not None:
            return max(0.0, self._left - (self.now() - self._at))
        return None if expected is None else max(0.0, expected - (self.now() - self.begun))


def running_job(
    job: str, work: Work, owners: Sequence[Owner], progress: JobProgress | None, expected: float | None, stopping: bool
) -> RunningJob:
    """A job that runs. progress: None while it begins. expected: its seconds in all, None if they are unknown."""
    return RunningJob(
        id=job,
        work=work,
        owners=tuple(owners),
        progress=0.0 if progress is None else progress.fraction,
        seconds_left=expected if progress is None else progress.seconds_left(expected),
        stopping=stopping,
    )


def waiting_jobs(
    jobs: Sequence[tuple[str, Work]],
    owners: Callable[[str], Sequence[Owner]],
    seconds: Callable[[Work], float | None],
    free: Sequence[float | None],
) -> tuple[WaitingJob, ...]:
    """Waiting jobs in order with their places. free: the seconds until each slot is free; None if that is unknown."""
    waiting, ends = [], [inf if each is None else each for each in free]
    for place, (job, work) in enumerate(jobs, 1):
        own, first = seconds(work), min(ends, default=inf)
        begins = None if first == inf else first
        waiting.append(
            WaitingJob(id=job, work=work, owners=tuple(owners(job)), place=place, begins_in=begins, seconds=own)
        )
        if ends:
            ends[ends.index(first)] = first + (inf if own is None else own)
    return tuple(waiting)
