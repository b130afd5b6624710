"""What a person does with runs, teachers and data sets that are there: each act is refused if they are another's.

The pages use these only, so a check stands where the act happens, and not only in a button that is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.data.own import data_store
from labcore.data.own.data_report import DataReport
from labcore.data.own.data_set import DataSet
from labcore.data.own.data_summary import DataSummary
from labcore.data.own.limits import DataError
from labcore.owners.owner import NotYours, Person, check_may_change, may_change
from labcore.runs.jobs import Jobs
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.own_teachers import OWN, Origin, OwnTeacher

if TYPE_CHECKING:
    from labcore.runs.bring_teacher import Examination


class PersonActs:
    """The acts of one person. Each that changes a thing raises NotYours if the person may not."""

    def __init__(self, jobs: Jobs, person: Person):
        self._jobs, self._store, self.person = jobs, jobs.store, person
        self._teachers: TeacherStore = jobs.teachers

    # -- runs --------------------------------------------------------------------------------------

    def submit(self, spec: Spec) -> str:
        """Queue a run of the person's own, and return its id. Raises OSError."""
        return self._jobs.submit(spec, self.person.owner)

    def stop(self, run_id: str) -> None:
        """Stop a run. Raises NotYours, RunNotFound and OSError."""
        self._check_run(run_id, "stop")
        self._jobs.stop(run_id)

    def stop_own(self, run_ids: Iterable[str]) -> int:
        """Stop those of these runs that are the person's, in order; how many of them are not. Raises OSError."""
        left = 0
        for run_id in run_ids:
            try:
                self.stop(run_id)
            except NotYours:
                left += 1
        return left

    def resume(self, run_id: str) -> None:
        """Let a run that ended early go on. Raises NotYours, RunNotFound, SpecError and OSError."""
        self._check_run(run_id, "resume")
        self._jobs.resume(run_id)

    def rename(self, run_id: str, name: str | None) -> None:
        """Give a run a name, or take it away. Raises NotYours, RunNotFound, SpecError and OSError."""
        self._check_run(run_id, "rename")
        self._store.rename(run_id, name)

    def annotate(self, run_id: str, *, note: str, tags: Iterable[str]) -> None:
        """Replace a run's note and tags. Raises NotYours, RunNotFound, SpecError and OSError."""
        self._check_run(run_id, "annotate")
        self._store.annotate(run_id, note=note, tags=tags)

    def delete(self, run_id: str) -> None:
        """Take a run out of every list. Raises NotYours, RunNotFound, SpecError and OSError."""
        self._check_run(run_id, "delete")
        self._store.delete(run_id)

    def restore(self, run_id: str) -> None:
        """Bring a deleted run back. Raises NotYours, RunNotFound and OSError."""
        self._check_run(run_id, "restore")
        self._store.restore(run_id)

    def save(self, run_id: str) -> None:
        """Save a trained student that the store could not take. Raises NotYours, RunNotFound, NotSaved and OSError."""
        self._check_run(run_id, "save")
        self._jobs.save(run_id)

    def _check_run(self, run_id: str, act: str) -> None:
        check_may_change(self._store.owner_of(run_id), self.person, "run", act)

    # -- teachers ----------------------------------------------------------------------------------

    def make_teacher(self, title: str, config: FineTuning) -> str:
        """Queue the fine-tuning of a teacher of the person's own; its id. Raises SpecError and OSError."""
        return self._jobs.make_teacher(title, config, self.person.owner)

    def make_teacher_again(self, teacher_id: str) -> str:
        """Queue a teacher whose fine-tuning ended early once more, in its place.

        Raises NotYours, SpecError and OSError.
        """
        teacher = self._own_teacher(teacher_id, "make")
        if teacher.finetuning is None or teacher.active or teacher.status == "ready":
            raise SpecError(f"teacher {teacher.name} can't be made again: it is {teacher.status}")
        new = self._jobs.make_teacher(teacher.title, teacher.finetuning, teacher.owner)
        self._teachers.discard(teacher_id)
        return new

    def bring_teacher(self, examination: Examination, title: str, order: Sequence[int], origin: Origin) -> OwnTeacher:
        """Take an examined teacher as the person's own. Raises SpecError and OSError."""
        from labcore.runs.bring_teacher import bring  # imports torch

        return bring(examination, title, order, origin, self._teachers, self.person.owner)

    def stop_teacher(self, teacher_id: str) -> None:
        """Stop the fine-tuning of a teacher. Raises NotYours."""
        for work in self._jobs.waiting():
            if isinstance(work, OwnTeacher) and work.id == teacher_id:
                check_may_change(work.owner, self.person, "teacher", "stop")
                self._jobs.stop(teacher_id)

    def rename_teacher(self, teacher_id: str, title: str) -> None:
        """Give a teacher another title. Raises NotYours, SpecError and OSError."""
        self._own_teacher(teacher_id, "rename")
        self._teachers.rename(teacher_id, title)

    def remove_teacher(self, teacher_id: str) -> None:
        """Remove a teacher. Raises NotYours, SpecError and OSError."""
        self._own_teacher(teacher_id, "remove")
        self._teachers.remove(teacher_id)

    def _own_teacher(self, teacher_id: str, act: str) -> OwnTeacher:
        teacher = self._teachers.read(teacher_id)
        if teacher is None:
            raise SpecError(f"this lab has no teacher {OWN}{teacher_id}; it was removed, or is on another machine")
        check_may_change(teacher.owner, self.person, "teacher", act)
        return teacher

    # -- data sets ---------------------------------------------------------------------------------

    def keep_data(self, data_set: DataSet, report: DataReport | None = None) -> DataSummary:
        """Keep a data set in the person's list. Raises OSError."""
        return data_store.save(data_set, report, owner=self.person.owner)

    def rename_data(self, data_hash: str, name: str) -> None:
        """Give a data set another name, if it is in nobody else's list. Raises NotYours, DataError and OSError."""
        owners = data_store.summary(data_hash).owners
        self._check_data(owners, "rename")
        if not self.person.host and len(owners) > 1:
            raise NotYours("somebody else has the same data in their list, so their name stays")
        data_store.rename(data_hash, name)

    def remove_data(self, data_hash: str) -> None:
        """Take a data set out of the person's list; its files go if it is in nobody else's, and if the host does it.

        Raises NotYours, DataError and OSError.
        """
        self._check_data(_owners_of_data(data_hash), "remove")
        if self.person.host or self.person.owner is None:
            data_store.remove(data_hash)
        else:
            data_store.give_up(data_hash, self.person.owner)

    def _check_data(self, owners: frozenset[str | None], act: str) -> None:
        if not has_data(owners, self.person):
            check_may_change(next(iter(owners - {None}), None), self.person, "data set", act)


def has_data(owners: Iterable[str | None], person: Person) -> bool:
    """Whether a data set with these owners is in the person's list, so that the person may change it."""
    return any(may_change(owner, person) for owner in owners)


def _owners_of_data(data_hash: str) -> frozenset[str | None]:
    """The owners of a data set, also of a damaged one."""
    try:
        return data_store.summary(data_hash).owners
    except DataError:
        return next((each.owners for each in data_store.all_data_sets() if each.hash == data_hash), frozenset({None}))
