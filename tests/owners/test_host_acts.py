"""The host's acts: nobody else may, whatever the person owns."""

from __future__ import annotations

import pytest

from labcore.exercise.owner_removal import remove_owner
from labcore.owners.owner import HOST, NotYours, Person, new_owner
from labcore.runs.host_acts import HostActs
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from tests.shared.runs import Recorder, seeded, until

ACTS = {name for name in vars(HostActs) if not name.startswith("_")}


@pytest.mark.parametrize("act", sorted(ACTS))
def test_only_the_host_may(act: str, store: Store) -> None:
    jobs = Jobs(store, Recorder(), load=lambda: None)
    ann = new_owner()
    first = jobs.submit(seeded(1), ann)
    until(lambda: store.read(first).status == "running")
    second = jobs.submit(seeded(2), ann)
    arguments = [second] if act in ("move_up", "cancel") else []
    for person in (Person(ann), Person(None)):
        with pytest.raises(NotYours, match="only the host"):
            getattr(HostActs(jobs, person), act)(*arguments)
    assert (jobs.state, store.read(second).status) == ("open", "queued")
    getattr(HostActs(jobs, HOST), act)(*arguments)
    state = {"pause": "paused", "drain": "drained"}.get(act, "open")
    assert (jobs.state, store.read(second).status) == (state, "stopped" if act == "cancel" else "queued")
    with pytest.raises(NotYours, match="only the host"):
        remove_owner(ann, jobs, Person(ann))
    assert len(store.ids_of(ann)) == 2
