"""The removal of all that one owner has on this server, from searches and runs to tours and profile."""

from __future__ import annotations

from labcore.config.checks import SpecError
from labcore.data.own import data_store
from labcore.owners.owner import Person
from labcore.runs.host_acts import check_host
from labcore.runs.jobs import Jobs
from labcore.search.search_queue import SearchQueue


def remove_owner(owner: str, jobs: Jobs, person: Person, searches: SearchQueue | None = None) -> None:
    """Remove all that an owner has, for good. What runs is stopped first.

    searches: those that this process carries out; without them, only searches that nobody carries out are removed.
    Data sets that are in somebody else's list stay there. Raises NotYours if the person is not the host. Raises
    SpecError while one of the owner's jobs is still at its last step; nothing is removed then. Raises OSError if the
    disk refuses a removal; what is gone by then stays so.
    """
    check_host(person)
    store, teachers = jobs.store, jobs.teachers
    (searches or SearchQueue(store.home)).remove_of(owner, jobs)
    runs = [run for run in store.runs() if run.owner == owner]
    own_teachers = [teacher for teacher in teachers.all() if teacher.owner == owner]
    active = [run.id for run in runs if run.active] + [teacher.id for teacher in own_teachers if teacher.active]
    for job in active:
        jobs.leave(job, owner)
    if any(job in active and jobs.stopping(job) for job in jobs.running):
        raise SpecError("this person's training stops after the step that it is in; try again in a few seconds")
    for run_id in store.ids_of(owner):
        store.discard(run_id)
    for teacher in own_teachers:
        teachers.remove(teacher.id)
    for data in data_store.all_data_sets():
        if owner in data.owners:
            data_store.give_up(data.hash, owner)
    store.attempts.remove_of(owner)
    store.journals.remove_of(owner)
    store.owners.forget(owner)
