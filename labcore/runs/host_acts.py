"""What the host of a server does with its queue: refused for everybody else, wherever the call comes from."""

from __future__ import annotations

from labcore.owners.owner import NotYours, Person
from labcore.runs.jobs import Jobs


def check_host(person: Person) -> None:
    """Raise NotYours unless the person is the host."""
    if not person.host:
        raise NotYours("only the host of this lab may do this; enter the host's password on the page Host")


class HostActs:
    """The acts of a host. Each raises NotYours if the person is none."""

    def __init__(self, jobs: Jobs, person: Person):
        self._jobs, self._person = jobs, person

    def pause(self) -> None:
        """Let what runs go on and nothing begin, also after a restart. Raises NotYours and OSError."""
        check_host(self._person)
        self._jobs.pause()

    def drain(self) -> None:
        """Let what runs go on, let nothing begin, and accept nothing. Raises NotYours."""
        check_host(self._person)
        self._jobs.drain()

    def go_on(self) -> None:
        """End a pause or a drain. Raises NotYours and OSError."""
        check_host(self._person)
        self._jobs.go_on()

    def move_up(self, job_id: str) -> None:
        """Let a waiting job begin next. Raises NotYours."""
        check_host(self._person)
        self._jobs.move_up(job_id)

    def cancel(self, job_id: str) -> None:
        """Stop a job for everybody who waits for it. Raises NotYours."""
        check_host(self._person)
        self._jobs.cancel(job_id)
