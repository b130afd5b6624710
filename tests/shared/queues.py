"""What tests do with a queue of jobs, and what they see of it."""

from __future__ import annotations

from labcore.runs.jobs import Jobs


def died(jobs: Jobs, *ids: str) -> None:
    """What the end of a process does with its locks."""
    for each in ids:
        jobs.store._release(each)
        jobs.teachers._release(each)


def order_of(jobs: Jobs) -> list[str]:
    return [job.id for job in jobs.overview().waiting]
