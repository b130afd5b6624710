"""Two windows, or two servers, that change one thing at once lose nothing; on a file and on a PostgreSQL server."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.data.own import data_store
from labcore.data.own.limits import DataError
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, save_attempt, save_if_unchanged
from labcore.owners.owner import Person
from labcore.runs.entry_table import Entry
from labcore.runs.leftovers import leftovers
from labcore.runs.store import Store
from tests.shared.own_data import made, some

ANN, BOB = "a" * 16, "b" * 16


@pytest.fixture(params=["file", "server"])
def home(request: pytest.FixtureRequest, lab_home: Path) -> Path:
    if request.param == "server":
        request.getfixturevalue("url")
    return lab_home


def add_letters(home: Path, attempt_id: str, letters: str) -> None:
    """Add letters to the reason of an attempt, one change each, as a window does."""
    store = Store(home)
    for letter in letters:
        while True:
            attempt = load_attempt(attempt_id, store)
            assert attempt is not None
            if save_if_unchanged(replace(attempt, reason=attempt.reason + letter), store):
                break


def test_changes_of_one_attempt_at_once_are_all_kept(home: Path) -> None:
    attempt = Attempt(new_id())
    save_attempt(attempt, Store(home))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda letter: add_letters(home, attempt.id, letter * 15), "xyz"))
    kept = load_attempt(attempt.id, Store(home))
    assert kept is not None
    assert sorted(kept.reason) == sorted("xyz" * 15)


def test_a_change_of_an_older_state_is_refused_and_writes_nothing(home: Path) -> None:
    store = Store(home)
    save_attempt(Attempt(new := new_id()), store, Person(ANN))
    first, second = load_attempt(new, store), load_attempt(new, Store(home))
    assert first is not None
    assert second is not None
    assert save_if_unchanged(replace(first, name="first"), store, Person(ANN))
    assert not save_if_unchanged(replace(second, reason="second"), store, Person(ANN))
    assert load_attempt(new, store) == replace(first, name="first")
    store.attempts.remove_of(ANN)
    assert not save_if_unchanged(first, store, Person(ANN))  # what the host has removed does not come back
    assert load_attempt(new, store) is None


def test_an_entry_that_two_write_first_is_one_persons(home: Path) -> None:
    stores = [Store(home) for _ in range(4)]
    new = new_id()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda store: store.journals.write(new, Entry("{}", ANN)), stores))
    assert stores[0].journals.read(new) == Entry("{}", ANN)


def test_a_data_set_that_two_keep_and_give_up_at_once_is_in_the_right_lists(home: Path) -> None:
    data = made(some())
    owners = [f"{i:016x}" for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda owner: data_store.save(data, home=home, owner=owner), owners))
        assert data_store.summary(data.hash, home).owners == set(owners)
        assert data_store.load(data.hash, home) == data
        list(pool.map(lambda owner: data_store.give_up(data.hash, owner, home), owners))
    with pytest.raises(DataError, match="not on this machine"):
        data_store.summary(data.hash, home)
    assert list((home / "data").iterdir()) == []


def test_examples_that_are_in_another_home_of_the_same_database_can_be_brought(url: str, tmp_path: Path) -> None:
    first, second, data = tmp_path / "first", tmp_path / "second", made(some())
    data_store.save(data, home=first, owner=ANN)
    [listed] = data_store.all_data_sets(second)
    assert f"the examples of data set {data.hash} are not on this machine; bring its file here too" in listed.damaged
    assert listed.owners == {ANN}
    with pytest.raises(DataError, match="not on this machine"):
        data_store.load(data.hash, second)
    assert data_store.save(made(some(), "text", "label"), home=second, owner=BOB).owners == {ANN, BOB}
    assert data_store.load(data.hash, second) == data
    data_store.remove(data.hash, first)
    assert data_store.all_data_sets(second) == []
    assert leftovers(Store(second)) == []  # somebody may be keeping them
    os.utime(second / "data" / data.hash, (0, 0))
    [item] = leftovers(Store(second))
    assert (item.path, item.why) == (second / "data" / data.hash, "no data set needs it any more")
