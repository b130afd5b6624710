"""Who has given the host's password on this server, and how fast somebody may guess it. Standard library only."""

from __future__ import annotations

import time
from collections.abc import Callable

from labcore.config.checks import SpecError
from labcore.owners.host_password import kept_hash, matches

STAYS = 12 * 3600.0  # seconds that a browser is the host's after the password
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds after the first wrong password, and at most; each doubles the wait


class HostGate:
    """The server's one gate to the host's acts. It forgets everybody when the server ends."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """Raises SpecError if the server's password is not allowed."""
        self._kept = kept_hash()
        self._clock = clock
        self._until: dict[str, float] = {}  # browsers of the host, by the id of their owner
        self._wrong = 0
        self._closed_until = 0.0

    @property
    def exists(self) -> bool:
        """Whether this server has a host's password."""
        return self._kept is not None

    def enter(self, owner: str, password: str) -> None:
        """Let this owner's browser act as the host's for some hours.

        Raises SpecError for a wrong password, and for any password too soon after a wrong one, by whomever.
        """
        if self._kept is None:
            raise SpecError("this server has no host's password; start it with LAB_HOST_PASSWORD")
        if (wait := self._closed_until - self._clock()) > 0:
            raise SpecError(f"wait {max(1, round(wait))} s before the next try")
        if not matches(password, self._kept):
            self._wrong += 1
            wait = min(FIRST_WAIT * 2 ** (self._wrong - 1), LONGEST_WAIT)
            self._closed_until = self._clock() + wait
            raise SpecError(f"this is not the host's password; you can try again in {wait:.0f} s")
        self._wrong = 0
        self._until[owner] = self._clock() + STAYS

    def leave(self, owner: str) -> None:
        """End what `enter` began."""
        self._until.pop(owner, None)

    def is_host(self, owner: str | None) -> bool:
        """Whether this owner's browser is the host's now."""
        return owner is not None and self._until.get(owner, 0.0) > self._clock()
