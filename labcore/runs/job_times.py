"""The expected seconds of jobs, each estimated once until a run has ended and estimates may be better."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from labcore.config.spec import Spec
from labcore.results.run import FinishedRun
from labcore.runs.store import Store
from labcore.runs.time_estimate import total_time
from labcore.teacher.own_teachers import OwnTeacher


class JobTimes:
    """Estimates of jobs of one store. Ask it only once torch is loaded: students are counted."""

    def __init__(self, store: Store):
        self._store = store
        self._earlier: Sequence[FinishedRun] | None = None
        self._seconds: dict[Spec | OwnTeacher, float | None] = {}

    def seconds(self, work: Spec | OwnTeacher) -> float | None:
        """The expected seconds of a job; None if they can't be estimated."""
        seconds, known = self._seconds, self._seconds.get(work, -1.0)
        if known is not None and known < 0:
            known = None
            with suppress(ValueError, OSError, ArithmeticError):
                known = total_time([work], self.earlier()).seconds
            seconds[work] = known
        return known

    def earlier(self) -> Sequence[FinishedRun]:
        """The finished runs on which estimates rest."""
        if (runs := self._earlier) is None:
            runs = self._earlier = self._store.finished_runs()
        return runs

    def forget(self) -> None:
        """A run has ended: estimate again when somebody asks."""
        self._earlier, self._seconds = None, {}
