"""Every act on a thing that is there: its owner and the host may, everybody else is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec
from labcore.data.own import data_store, draft_store
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.guide.tour.journal import Journal
from labcore.owners.owner import HOST, NotYours, Person, may_change
from labcore.runs.jobs import Jobs
from labcore.runs.journals import load_journal, save_journal
from labcore.runs.person_acts import PersonActs
from labcore.runs.store import Store
from labcore.teacher.own_teachers import OWN, entry_of
from tests.shared.own_data import made, some
from tests.shared.runs import Recorder, seeded, until

DATA = made(some())
ANN, BOB = Person("a" * 16), Person("b" * 16)


@dataclass
class Lab:
    """A queue whose first job runs until the test ends, and what one owner has in it."""

    jobs: Jobs
    store: Store

    def of(self, person: Person) -> PersonActs:
        return PersonActs(self.jobs, person)


@pytest.fixture
def lab(store: Store) -> Any:
    recorder = Recorder()
    jobs = Jobs(store, recorder, load=lambda: None, make=lambda teacher, store: iter(()))
    first = jobs.submit(Spec())  # nobody's; it holds the queue
    until(lambda: recorder.begun == 1)
    yield Lab(jobs, store)
    jobs.stop(first)
    for _ in range(99):
        recorder.go.release()
    until(lambda: not jobs.busy())


def waiting(lab: Lab, owner: str | None) -> str:
    return lab.jobs.submit(seeded({None: 1, ANN.owner: 2, BOB.owner: 3}[owner]), owner)  # equal ones would share a run


def ended(lab: Lab, owner: str | None) -> str:
    run = lab.store.create(Spec(), owner)
    lab.store.update(run, "stopped")
    return run


def deleted(lab: Lab, owner: str | None) -> str:
    run = ended(lab, owner)
    lab.store.delete(run)
    return run


def teacher_in_queue(lab: Lab, owner: str | None) -> str:
    return lab.jobs.make_teacher("a teacher", FineTuning(task="reviews"), owner)


def teacher_that_failed(lab: Lab, owner: str | None) -> str:
    config = FineTuning(task="reviews")
    return lab.jobs.teachers.create("one", "reviews", "made", status="failed", finetuning=config, owner=owner).id


def data(lab: Lab, owner: str | None) -> str:
    return data_store.save(made(some(200 if owner else 240)), owner=owner).hash


# Each act of PersonActs on a thing that is there: how the thing comes about for an owner, and the act.
ACTS: dict[str, tuple[Callable[[Lab, str | None], str], Callable[[PersonActs, str], object]]] = {
    "stop": (waiting, lambda acts, run: acts.stop(run)),
    "resume": (ended, lambda acts, run: acts.resume(run)),
    "rename": (ended, lambda acts, run: acts.rename(run, "mine")),
    "annotate": (ended, lambda acts, run: acts.annotate(run, note="mine", tags=["mine"])),
    "delete": (ended, lambda acts, run: acts.delete(run)),
    "restore": (deleted, lambda acts, run: acts.restore(run)),
    "save": (ended, lambda acts, run: acts.save(run)),
    "stop_teacher": (teacher_in_queue, lambda acts, teacher: acts.stop_teacher(teacher)),
    "make_teacher_again": (teacher_that_failed, lambda acts, teacher: acts.make_teacher_again(teacher)),
    "rename_teacher": (teacher_that_failed, lambda acts, teacher: acts.rename_teacher(teacher, "mine")),
    "remove_teacher": (teacher_that_failed, lambda acts, teacher: acts.remove_teacher(teacher)),
    "rename_data": (data, lambda acts, data_hash: acts.rename_data(data_hash, "renamed")),
    "remove_data": (data, lambda acts, data_hash: acts.remove_data(data_hash)),
}
MAKES_NEW = {"submit", "make_teacher", "bring_teacher", "keep_data"}  # the new thing is the person's
BY_ANOTHER = {"stop_own"}  # it calls `stop`


def state_of(lab: Lab) -> object:
    """Everything that an act could change."""
    files = {path: path.read_bytes() for path in sorted(lab.store.home.rglob("*.json*")) if path.is_file()}
    teachers = [entry.to_dict() for entry in lab.jobs.teachers.all()]
    return lab.store.runs(), lab.jobs.waiting(), teachers, data_store.all_data_sets(), files


def test_the_table_has_every_act() -> None:
    public = {name for name in vars(PersonActs) if not name.startswith("_")}
    assert public == ACTS.keys() | MAKES_NEW | BY_ANOTHER


@pytest.mark.parametrize("act", ACTS)
def test_only_the_owner_and_the_host_may(act: str, lab: Lab) -> None:
    make, do = ACTS[act]
    for owner in (ANN.owner, None):
        thing = make(lab, owner)
        before = state_of(lab)
        for person in (BOB, Person(None)):
            with pytest.raises(
                NotYours, match=r"belongs to (somebody else|the host of this lab)\. You may look at it, but not "
            ):
                do(lab.of(person), thing)
        assert state_of(lab) == before
        if owner is None:
            with pytest.raises(NotYours, match="belongs to the host"):
                do(lab.of(ANN), thing)
        do(lab.of(ANN if owner else HOST), thing)
        if act != "save":  # there is no unsaved student: nothing to save
            assert state_of(lab) != before


def test_the_sentence_names_the_thing_and_the_act(lab: Lab) -> None:
    with pytest.raises(NotYours) as refused:
        lab.of(BOB).stop(waiting(lab, ANN.owner))
    assert f"{refused.value}." == "This run belongs to somebody else. You may look at it, but not stop it."


def test_a_sweep_is_stopped_as_far_as_it_is_ones_own(lab: Lab) -> None:
    mine, others = waiting(lab, ANN.owner), waiting(lab, BOB.owner)
    assert lab.of(ANN).stop_own([others, mine]) == 1
    assert (lab.store.read(mine).status, lab.store.read(others).status) == ("stopped", "queued")


def test_new_things_are_the_persons(lab: Lab) -> None:
    acts = lab.of(ANN)
    assert lab.store.read(acts.submit(seeded(2))).owner == ANN.owner
    teacher = acts.make_teacher("one", FineTuning(task="reviews"))
    assert acts.make_teacher("one", FineTuning(task="reviews")) == teacher  # under way already
    assert lab.of(BOB).make_teacher("one", FineTuning(task="reviews")) != teacher
    entry = entry_of(f"{OWN}{teacher}")
    assert entry is not None
    assert entry.owner == ANN.owner
    assert acts.keep_data(DATA).owners == {ANN.owner}


def test_equal_data_of_two_people_are_in_both_lists_until_the_last_leaves(lab: Lab) -> None:
    kept = lab.of(ANN).keep_data(DATA)
    assert lab.of(BOB).keep_data(DATA).owners == {ANN.owner, BOB.owner}
    with pytest.raises(NotYours, match="somebody else has the same data"):
        lab.of(BOB).rename_data(kept.hash, "mine")
    lab.of(ANN).remove_data(kept.hash)
    assert data_store.summary(kept.hash).owners == {BOB.owner}
    assert data_store.load(kept.hash) == DATA
    with pytest.raises(NotYours):
        lab.of(ANN).remove_data(kept.hash)
    lab.of(BOB).rename_data(kept.hash, "Bob's")
    lab.of(BOB).remove_data(kept.hash)
    assert data_store.all_data_sets() == []


def test_data_of_the_command_line_stay_when_a_person_who_brought_them_too_leaves(lab: Lab) -> None:
    kept = data_store.save(DATA)
    assert kept.owners == {None}
    assert lab.of(ANN).keep_data(DATA).owners == {None, ANN.owner}
    lab.of(ANN).remove_data(kept.hash)
    assert data_store.summary(kept.hash).owners == {None}
    lab.of(HOST).remove_data(kept.hash)
    assert data_store.all_data_sets() == []


def test_an_attempt_is_changed_by_its_owner_only_and_never_states_the_owner(store: Store) -> None:
    attempt = Attempt(new_id())
    save_attempt(attempt, store, ANN)
    with pytest.raises(NotYours, match="This exercise belongs to somebody else"):
        save_attempt(attempt.with_teacher("news"), store, BOB)
    assert load_attempt(attempt.id, store) == attempt
    save_attempt(attempt.with_teacher("news"), store, ANN)
    save_attempt(attempt, store, HOST)
    with pytest.raises(NotYours):  # it is Ann's still
        save_attempt(attempt, store, BOB)
    loaded = load_attempt(attempt.id, store)
    assert loaded is not None
    assert str(ANN.owner) not in str(loaded.to_dict())


def test_a_tour_is_its_owners(store: Store) -> None:
    journal = Journal(id=new_id())
    save_journal(journal, store, ANN)
    assert load_journal(journal.id, store, ANN) == load_journal(journal.id, store) == journal
    assert load_journal(journal.id, store, BOB) is None
    with pytest.raises(NotYours):
        save_journal(journal.guessed("teacher", 1), store, BOB)


def test_a_file_on_its_way_to_a_data_set_is_its_owners() -> None:
    mine = draft_store.keep_draft("rows.csv", b"text,label\n", owner=ANN.owner)
    assert mine != draft_store.keep_draft("rows.csv", b"text,label\n", owner=BOB.owner)
    assert draft_store.load_draft(mine, person=ANN).content == b"text,label\n"
    for act in (draft_store.load_draft, draft_store.remove_draft):
        with pytest.raises(NotYours, match="give a file of your own"):
            act(mine, person=BOB)
    assert draft_store.load_draft(mine).name == "rows.csv"


def test_what_is_nobodys_is_the_hosts() -> None:
    assert [may_change(None, person) for person in (ANN, Person(None), HOST)] == [False, False, True]
    assert [may_change(ANN.owner, person) for person in (ANN, BOB, Person(None), HOST)] == [True, False, False, True]
