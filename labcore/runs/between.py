"""What a thread of the queue does between two jobs: given from outside, because it may use all of the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from labcore.runs.jobs import Jobs


class Between(Protocol):
    """What a thread does between two jobs, such as the next step of a search."""

    def wanted(self, jobs: Jobs) -> bool:
        """Whether there is something to do now; at once, and without a lock."""

    def advance(self, jobs: Jobs) -> None:
        """Do some seconds of it, and raise nothing."""
