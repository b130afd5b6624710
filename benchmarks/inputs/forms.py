"""What people and the host type, and what the server is set to."""

from __future__ import annotations

import os
from typing import Any

from benchmarks.inputs.links import OWNER, SECRET
from labcore.config.assignment_link import class_root
from labcore.config.spec import Spec, SpecError
from labcore.exercise.attempt import Attempt
from labcore.exercise.counting_line import read_code, read_line
from labcore.guide.tour.journal import Journal
from labcore.owners.cookie import recognised
from labcore.owners.host_gate import HostGate
from labcore.owners.host_password import VARIABLE, hashed
from labcore.owners.owner import HOST, Person
from labcore.owners.profile import Profile
from labcore.runs.checkpoint_saver import most_seconds
from labcore.runs.host_acts import HostActs
from labcore.runs.jobs import Jobs
from labcore.runs.resuming import resumes_by_itself
from labcore.runs.server_limits import LIMITS, limits
from labcore.runs.store import Store


def take_cookie(value: object) -> bool:
    return recognised(value, SECRET) is not None


def take_attempt(data: Any) -> bool:
    attempt = Attempt.from_dict(data)
    assert Attempt.from_dict(attempt.to_dict()) == attempt
    return bool(attempt.specs)


def take_journal(data: Any) -> bool:
    return bool(Journal.from_dict(data))


def take_line(text: str) -> bool:
    """Read what a person pastes as a line of counts, a code or an address. Raises SpecError if it is none."""
    for read in (read_line, read_code, class_root):
        try:
            read(text)
        except SpecError:
            continue
        return True
    raise SpecError("it is none of them")


def take_run_form(given: tuple[Any, Any, list[Any], str]) -> bool:
    """A name, a note, tags and an owner of a run that is there."""
    name, note, tags, owner = given
    store = Store()
    run = next((run.id for run in store.runs()), None) or store.create(Spec(), OWNER)
    store.update(run, "stopped")
    store.rename(run, name)
    store.annotate(run, note=note, tags=tags)
    Profile(owner)
    store.owners.set(OWNER, Profile(owner, "named"))
    assert Store().read(run).name == (None if name is None else name.strip(" "))
    return True


class Host:
    """The host's page of one server, whose clock the test moves."""

    def __init__(self) -> None:
        os.environ[VARIABLE] = hashed("the right password")
        self.now = 0.0
        self.gate = HostGate(lambda: self.now)
        self.jobs = Jobs(Store(), lambda *_: iter(()), load=lambda: None)

    def __call__(self, given: tuple[str, str, str, bool]) -> bool:
        """Enter with a password, and act on a job; whoever is not the host is refused."""
        password, owner, job, right = given
        self.now += 100.0
        try:
            self.gate.enter(owner, "the right password" if right else password)
        except SpecError:
            assert not right
        assert self.gate.is_host(owner) == right
        acts = HostActs(self.jobs, HOST if right else Person(owner))
        for act in (acts.move_up, acts.cancel):
            act(job)
        self.gate.leave(owner)
        return True


SETTINGS = [limit.variable for limit in LIMITS.values()] + ["LAB_RESUME", "LAB_CHECKPOINT_SECONDS", VARIABLE]


def take_setting(given: tuple[str, str]) -> bool:
    """Read a variable of the server's environment. Raises SpecError if it is not allowed."""
    name, value = given
    before = os.environ.get(name)
    try:
        os.environ[name] = value
    except ValueError:  # no environment can hold it
        raise SpecError("it can't be set") from None
    try:
        for read in (lambda: limits(shared=True), resumes_by_itself, most_seconds, HostGate):
            read()
        return True
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before
