"""Memory that a job has freed goes back to the system while it runs, so that a class's server stays small.

A training makes and frees tensors of many sizes. glibc keeps what was freed: some 0.9 GB in a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from labcore.system.host import give_back_memory

INTERVAL = 5.0  # seconds; giving back takes some hundredths


class FreedMemory:
    """Gives freed memory back at intervals, and at the end of a job."""

    def __init__(self, now: Callable[[], float] = time.monotonic, give_back: Callable[[], None] = give_back_memory):
        self._now, self._give_back = now, give_back
        self._next = now() + INTERVAL

    def give_back_if_due(self) -> None:
        """Give it back if an interval is over. Call it at each event of a job."""
        if self._now() >= self._next:
            self.give_back()

    def give_back(self) -> None:
        """Give it back now."""
        self._give_back()
        self._next = self._now() + INTERVAL
