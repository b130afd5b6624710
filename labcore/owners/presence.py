"""Who uses this server now: when each owner's page was last drawn. Standard library only."""

from __future__ import annotations

import time
from collections.abc import Callable

HERE = 300.0  # seconds after its last page that an owner still counts as here
MOST = 10_000  # owners that are remembered


class Presence:
    """The owners that this process has drawn pages for, each with the time of the last one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._last: dict[str, float] = {}

    def seen(self, owner: str) -> None:
        """A page of this owner is drawn now."""
        self._last.pop(owner, None)
        self._last[owner] = self._clock()  # the newest is last
        while len(self._last) > MOST:
            self._last.pop(next(iter(self._last)), None)

    def here(self) -> tuple[str, ...]:
        """The owners whose page was drawn within the last minutes, the newest first."""
        since = self._clock() - HERE
        return tuple(owner for owner, when in reversed(list(self._last.items())) if when >= since)
