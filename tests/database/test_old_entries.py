"""Attempts, journals and data sets of an earlier version: taken in once, with owners, addresses and signatures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labcore.data.own import data_store
from labcore.data.own.limits import DataError
from labcore.exercise.attempt_store import load_attempt, owner_of_attempt, save_attempt, save_if_unchanged
from labcore.exercise.owner_removal import remove_owner
from labcore.exercise.signature import attempt_fields, edited_fields, key_of_home, mark_of
from labcore.owners.owner import HOST, NotYours, Person
from labcore.runs.jobs import Jobs
from labcore.runs.journals import load_journal
from labcore.runs.store import Store
from tests.shared.disk import small_disk
from tests.shared.old_databases import FIRST_RUN, REVISIONS, database_at
from tests.shared.old_entries import ANN, BOB, OldEntries, write_old_entries
from tests.shared.old_runs import content
from tests.shared.runs import Recorder

DAMAGED = "d" * 16


def check_taken_in(old: OldEntries, home: Path) -> None:
    """Raise AssertionError unless the store has all that the files hold."""
    store = Store(home)
    signed, unsigned = load_attempt(old.signed.id, store), load_attempt(old.unsigned.id, store)
    assert (signed, unsigned) == (old.signed, old.unsigned)
    assert signed is not None
    assert signed.signature is not None
    fields = attempt_fields(signed.to_dict())
    assert edited_fields(mark_of(signed.id), fields, signed.signature, key_of_home(home)) == []
    assert (owner_of_attempt(old.signed.id, store), owner_of_attempt(old.unsigned.id, store)) == (ANN, None)
    assert len(store.attempts.all()) == 2
    assert load_journal(old.journal.id, store, Person(ANN)) == old.journal
    assert load_journal(old.journal.id, store, Person(BOB)) is None
    listed = {each.hash: each for each in data_store.all_data_sets(home)}
    assert listed.keys() == {old.both.hash, old.nobodys.hash, DAMAGED}
    assert listed[old.both.hash].owners == {ANN, BOB, None}
    assert listed[old.nobodys.hash].owners == {None}
    assert "is damaged" in listed[DAMAGED].damaged
    assert data_store.load(old.both.hash, home) == old.both
    assert data_store.summary_or_rest(old.removed.hash, home).label_names == old.removed.label_names
    with pytest.raises(DataError, match="not on this machine"):
        data_store.summary(old.removed.hash, home)


@pytest.mark.parametrize("revision", [None, *REVISIONS[:-1]])
def test_an_older_homes_entries_are_taken_in_once_and_its_files_stay(revision: str | None, tmp_path: Path) -> None:
    home = tmp_path / "home"
    if revision is not None:
        database_at(home, revision)
    old = write_old_entries(home)
    before = content(home)
    check_taken_in(old, home)
    assert content(home) == before
    store = Store(home)
    assert [run.id for run in store.runs()] == ([] if revision is None else [FIRST_RUN["id"]])
    save_attempt(replace(old.signed, name="Ann B."), store, Person(ANN))
    with pytest.raises(NotYours):
        save_attempt(old.signed, store, Person(BOB))
    unsigned = load_attempt(old.unsigned.id, store)
    assert unsigned is not None
    assert save_if_unchanged(replace(unsigned, name="mine"), store)
    data_store.rename(old.both.hash, "renamed", home)
    data_store.remove(old.nobodys.hash, home)
    data_store.remove(DAMAGED, home)
    again, names = Store(home), []
    for each in (old.signed, old.unsigned):
        kept = load_attempt(each.id, again)
        assert kept is not None
        names.append(kept.name)
    assert names == ["Ann B.", "mine"]
    assert [each.name for each in data_store.all_data_sets(home)] == ["renamed"]


def test_a_database_that_has_them_reads_no_old_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    database_at(home, REVISIONS[-1])
    old = write_old_entries(home)
    assert load_attempt(old.signed.id, Store(home)) is None
    assert data_store.all_data_sets(home) == []


@pytest.mark.parametrize("revision", [None, REVISIONS[-2]])
def test_they_are_read_on_a_disk_that_takes_no_change(revision: str | None, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        home = disk.path / "home"
        if revision is not None:
            database_at(home, revision)
        old = write_old_entries(home)
        disk.remount("ro")
        for _ in range(2):
            check_taken_in(old, home)
        with pytest.raises(OSError, match="Read-only"):
            save_attempt(old.signed, Store(home))
        for act in (data_store.remove, lambda data, home: data_store.rename(data, "x", home)):
            with pytest.raises(OSError, match="Read-only"):
                act(old.both.hash, home)
        disk.remount("rw")
        check_taken_in(old, home)
        save_attempt(old.signed, Store(home))


def test_what_the_host_removes_of_an_owner_leaves_no_old_file(lab_home: Path) -> None:
    old = write_old_entries(lab_home)
    jobs = Jobs(Store(), Recorder(), load=lambda: None)
    remove_owner(ANN, jobs, HOST)
    assert load_attempt(old.signed.id, Store()) is None
    assert load_attempt(old.unsigned.id, Store()) == old.unsigned
    assert load_journal(old.journal.id, Store()) is None
    assert data_store.summary(old.both.hash).owners == {BOB, None}
    names = [file.name for file in lab_home.rglob("*.json")]
    assert f"{old.unsigned.id}.json" in names
    assert not {f"{old.signed.id}.json", f"{old.journal.id}.json"} & {*names}
