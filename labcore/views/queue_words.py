"""The queue in words: a job's place with its expected start, and why nothing begins."""

from __future__ import annotations

from labcore.runs.queue_overview import QueueOverview
from labcore.views.words import rough_duration

HELD = {
    "paused": "The host has paused the queue, so it begins when the host lets it go on",
    "drained": "The host has closed the queue, so it begins when the host opens it",
}


def place_in_words(queue: QueueOverview, job_id: str) -> str | None:
    """A waiting job's place, and when it begins: `3rd of 5 in the queue; begins in about 4 min`.

    None if it does not wait.
    """
    job = queue.find(job_id)
    if job is None:
        return None
    words = f"{ordinal(job.place)} of {len(queue.waiting)} in the queue"
    if queue.state != "open":
        return f"{words}. {HELD[queue.state]}"
    if job.begins_in is None:
        return words
    soon = "begins in a few seconds" if job.begins_in < 5 else f"begins in about {rough_duration(job.begins_in)}"
    return f"{words}; {soon}"


def others_in_words(owners: int) -> str:
    """Who else waits for a job of several owners, to follow its place; empty for one."""
    if owners < 2:
        return ""
    return f" {owners - 1} other {'person waits' if owners == 2 else 'people wait'} for the same run."


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`, `21st`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
