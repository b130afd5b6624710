"""Whether new jobs may be queued: the queue accepts them, and each keeps within the server's limits."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.runs.assistants import chain_to_run
from labcore.runs.fair_order import Owner
from labcore.runs.job_queue import JobQueue
from labcore.runs.job_times import JobTimes
from labcore.runs.queue_overview import DRAINED, QueueState
from labcore.runs.server_limits import Limits, making_refusal, run_refusal, waiting_refusal
from labcore.runs.store import Store


class Admission:
    """Limits of one queue. limits: None for none. It counts students, so ask it only once torch is loaded."""

    def __init__(self, limits: Limits | None, queue: JobQueue, times: JobTimes, store: Store):
        self.limits, self._queue, self._times, self._store = limits, queue, times, store

    def refusal(self, jobs: Sequence[Spec | FineTuning], owner: Owner, state: QueueState) -> str | None:
        """Why these new jobs of an owner can't be queued now; None if they can."""
        if state == "drained":
            return DRAINED
        if self.limits is None:
            return None
        order = self._queue.order()
        waiting = len(order) - len(self._queue.running)
        new = [each for job in jobs for each in self._with_assistants(job)]
        if (why := waiting_refusal(self.limits, len(new), self._queue.waiting_of(owner), waiting)) is not None:
            return why
        return next((why for job in new if (why := self._job_refusal(self.limits, job)) is not None), None)

    def check(self, jobs: Sequence[Spec | FineTuning], owner: Owner, state: QueueState) -> None:
        """Raise SpecError, with the reason, if these jobs can't be queued now."""
        if (why := self.refusal(jobs, owner, state)) is not None:
            raise SpecError(why)

    def _with_assistants(self, job: Spec | FineTuning) -> Sequence[Spec | FineTuning]:
        return chain_to_run(job, self._store) if isinstance(job, Spec) else [job]

    def _job_refusal(self, allowed: Limits, job: Spec | FineTuning) -> str | None:
        from labcore.runs.cache import counted  # imports torch: seconds that a page's import must not take

        try:
            if isinstance(job, FineTuning):
                return making_refusal(allowed, job)
            return run_refusal(allowed, job, counted(job), self._times.seconds(job))
        except SpecError:  # a student that can't be made: its run fails at once, with the reason
            return None
