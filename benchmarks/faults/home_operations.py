"""Operations on all else that a home has: data sets, teachers, attempts, tours, owners, and the home itself."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from sqlite3 import connect as connect_file

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from benchmarks.faults.operation import Operation
from benchmarks.faults.run_operations import ANN, BEN, ended
from benchmarks.faults.tiny_lab import tiny_lab
from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers
from labcore.data.batches import encode
from labcore.data.own import data_store, draft_store
from labcore.data.own.columns import Columns
from labcore.data.own.file_format import FileFormat
from labcore.data.tasks import load_task
from labcore.database.database import FILE
from labcore.database.upgrade import upgrade
from labcore.distil.targets import teacher_targets
from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_store import load_attempt, save_attempt, save_if_unchanged
from labcore.exercise.owner_removal import remove_owner
from labcore.exercise.signature import key_of_home
from labcore.guide.tour.journal import Journal
from labcore.owners.owner import HOST, Person
from labcore.owners.profile import Profile
from labcore.owners.secret import secret_of_home
from labcore.results.run import Run
from labcore.runs.bring_teacher import bring, examine, stage_upload
from labcore.runs.jobs import Jobs
from labcore.runs.journals import load_journal, save_journal
from labcore.runs.leftovers import leftovers, remove
from labcore.runs.make_teacher import make_teacher
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.system.faults import note
from labcore.system.home import default_home
from labcore.system.progress import finish
from labcore.teacher.load import load_teacher, load_teacher_tokenizer
from labcore.teacher.own_teachers import OwnTeacher, all_entries
from tests.shared.old_runs import write_old_run
from tests.shared.own_data import made, some
from tests.shared.runs import EVENTS

PERSON = Person(ANN)
ID, DRAFT = "0123456789abcdef", b"text,label\n" * 2000
FORMAT, COLUMNS = FileFormat(kind="csv"), Columns("text", "label")


# -- data sets ---------------------------------------------------------------------------------------


def _data_set() -> str:
    return data_store.save(made(some(40)), owner=ANN).hash


def _hash() -> str:
    return made(some(40)).hash


def _two_owners() -> None:
    _data_set()
    data_store.save(made(some(40)), owner=BEN)


def _draft() -> str:
    return draft_store.keep_draft("a.csv", DRAFT, owner=ANN)


def _draft_id() -> str:
    return hashlib.sha256(json.dumps([ANN, "a.csv"]).encode() + DRAFT).hexdigest()[:32]


# -- teachers ----------------------------------------------------------------------------------------


def _upload() -> object:
    source = tiny_lab().teacher
    folder = stage_upload({file.name: file.read_bytes() for file in source.iterdir()})
    examination = examine(str(folder), "reviews")
    return bring(examination, "Uploaded", examination.by_fit, "upload", TeacherStore(), ANN)


def _entry(status: str = "stopped") -> OwnTeacher:
    return TeacherStore().create("Mine", "reviews", "folder", status=status, source=str(tiny_lab().teacher), owner=ANN)


def _teacher_id() -> str:
    entries = all_entries()
    if not entries:
        raise SpecError("there is no teacher")
    return entries[0].id


def _make_teacher() -> None:
    store = TeacherStore()
    config = FineTuning("reviews", method="full", epochs=1, batch_size=8)
    for _ in make_teacher(store.create_to_make("Made", config, ANN), store):
        pass


def _queued_teacher() -> None:
    store = TeacherStore()
    store.create_to_make("Mine", FineTuning("reviews"), ANN)


# -- the exercise, the tour, owners ------------------------------------------------------------------


def _attempt(name: str = "Ann") -> Callable[[], None]:
    return lambda: save_attempt(Attempt(ID, name=name), Store(), PERSON)


def _changed_attempt() -> None:
    store, written = Store(), False
    while not written:  # another may have changed it since
        if (attempt := load_attempt(ID, store)) is None:
            raise FileNotFoundError("the attempt is gone")
        written = save_if_unchanged(attempt.with_student(0, (KeepLayers(count=2),)), store, PERSON)


def _journal(stop: str) -> Callable[[], None]:
    def save() -> None:
        journal = load_journal(ID, Store(), PERSON) or Journal(id=ID)
        save_journal(journal.guessed(stop, 1), Store(), PERSON)

    return save


def _everything() -> None:
    ended()
    _data_set()
    _entry()
    _attempt()()
    _journal("start")()
    Store().owners.set(ANN, Profile("Ann", "named"))


def _remove_owner() -> None:
    jobs = Jobs(Store(), lambda *_: iter(()), load=lambda: None)
    try:
        remove_owner(ANN, jobs, HOST)
    finally:
        jobs.close()


# -- the home ----------------------------------------------------------------------------------------


def _targets() -> None:
    lab = tiny_lab()
    teacher, tokenizer = load_teacher(str(lab.teacher)), load_teacher_tokenizer(str(lab.teacher))
    encoded = encode(tokenizer, load_task("reviews").splits["validation"], 24)
    finish(teacher_targets(teacher, encoded, Store().targets, states=False))


def _old_revision() -> None:
    home = default_home()
    home.mkdir(exist_ok=True)
    with create_engine(f"sqlite:///{home / FILE}", poolclass=NullPool).begin() as connection:
        upgrade(connection, "0001")
    with closing(connect_file(home / FILE)) as database:
        columns = "id, spec, spec_key, status, created"
        values = ("20260101-000000-0000000", Spec().to_json(), "x", "stopped", "2026-01-01T00:00:00+00:00")
        database.execute(f"INSERT INTO runs ({columns}) VALUES (?, ?, ?, ?, ?)", values)
        database.commit()
        database.execute("PRAGMA journal_mode = WAL")


def _old_home() -> None:
    for i in range(3):
        created = f"2026010{i + 1}-000000-0000000"
        write_old_run(default_home(), Run(id=created, spec=Spec(), status="stopped", created=created), EVENTS[:2])


def _tell() -> None:
    Store().owners.set(ANN, Profile("Ann", "named"))


def _abandoned() -> None:
    ended()
    folder = default_home() / "runs" / "20200101-000000-0000000"
    folder.mkdir()
    for i in range(3):
        (folder / f"file{i}").write_text("of no run")
    for path in (*folder.iterdir(), folder):
        os.utime(path, (time.time() - 90_000,) * 2)


def _tidy() -> None:
    remove(leftovers(Store()))


OPERATIONS = (
    Operation(name="add a data set", verbs="data_store.save", act=_data_set),
    Operation(name="add another's data set", prepare=_data_set, act=lambda: data_store.save(made(some(40)), owner=BEN)),
    Operation(name="name a data set", verbs="data_store.rename", prepare=_data_set,
              act=lambda: data_store.rename(_hash(), "another")),
    Operation(name="remove a data set", verbs="data_store.remove", prepare=_data_set, stepwise=True,
              act=lambda: [data_store.remove(each) for each in data_store.hashes(default_home())]),
    Operation(name="give a data set up", verbs="data_store.give_up", prepare=_two_owners,
              act=lambda: data_store.give_up(_hash(), ANN) if ANN in data_store.summary(_hash()).owners else None),
    Operation(name="keep a draft", verbs="draft_store.keep_draft", act=_draft),
    Operation(name="note how a draft is read", verbs="draft_store.note_choice draft_store.load_draft", prepare=_draft,
              act=lambda: draft_store.note_choice(_draft_id(), "a.csv", FORMAT, COLUMNS, person=PERSON)),
    Operation(name="remove a draft", verbs="draft_store.remove_draft", prepare=_draft, later=True,
              act=lambda: draft_store.remove_draft(_draft_id(), person=PERSON)),
    Operation(name="bring a folder", prepare=_entry, act=_entry),
    Operation(name="bring uploaded files", verbs="bring_teacher.bring", act=_upload, slow=True),
    Operation(name="make a teacher", verbs="TeacherStore.append TeacherStore.update", act=_make_teacher,
              stepwise=True, slow=True),
    Operation(name="name a teacher", verbs="TeacherStore.rename", prepare=_entry,
              act=lambda: TeacherStore().rename(_teacher_id(), "Another")),
    Operation(name="remove a teacher", verbs="TeacherStore.remove TeacherStore.discard", prepare=_entry,
              act=lambda: TeacherStore().remove(_teacher_id())),
    Operation(name="hold a teacher that waits", verbs="TeacherStore.hold_queued", prepare=_queued_teacher,
              act=lambda: TeacherStore().hold_queued(_teacher_id()) and None),
    Operation(name="begin an attempt", verbs="attempt_store.save_attempt EntryTable.write", act=_attempt()),
    Operation(name="change an attempt", verbs="attempt_store.save_if_unchanged", prepare=_attempt(),
              act=_changed_attempt),
    Operation(name="begin a tour", verbs="journals.save_journal journals.load_journal",
              act=_journal("start")),
    Operation(name="go on with a tour", prepare=_journal("start"), act=_journal("next")),
    Operation(name="tell the class", verbs="OwnerTable.set", act=_tell),
    Operation(name="forget an owner", verbs="OwnerTable.forget",
              prepare=_tell, act=lambda: Store().owners.forget(ANN)),
    Operation(name="remove all of an owner", verbs="owner_removal.remove_owner EntryTable.remove_of",
              prepare=_everything, act=_remove_owner, stepwise=True),
    Operation(name="cache targets", act=_targets),
    Operation(name="make the secret", act=lambda: secret_of_home(default_home()) and None),
    Operation(name="make the exercise's key", act=lambda: key_of_home(default_home()) and None),
    Operation(name="write the log", prepare=ended, act=lambda: note("what happened", default_home()) and None),
    Operation(name="tidy", prepare=_abandoned, act=_tidy, stepwise=True),
    Operation(name="bring an old database up to date", prepare=_old_revision, act=_tell, stepwise=True),
    Operation(name="take an old home in", prepare=_old_home, act=_tell, stepwise=True),
)  # fmt: skip
