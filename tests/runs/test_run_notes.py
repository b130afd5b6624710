"""Notes, tags, and runs that are deleted and brought back."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcore.config.spec import Spec, SpecError
from labcore.results.run_notes import MAX_NOTE, MAX_TAG, MAX_TAGS, checked_tags
from labcore.runs.store import RunNotFound, Store
from tests.shared.runs import finished


def test_a_note_and_tags_stay_with_the_run_and_reach_other_processes(store: Store) -> None:
    run = finished(Spec())
    store.annotate(run, note="  first try ", tags=["good", "class-3", "good"])
    for each in (store, Store()):
        assert (each.read(run).note, each.read(run).tags) == ("first try", ("good", "class-3"))
    assert store.finished_runs()[0].tags == ("good", "class-3")
    store.annotate(run, note="", tags=[])
    assert (store.read(run).note, store.read(run).tags) == ("", ())


@pytest.mark.parametrize(
    ("note", "tags"),
    [
        ("x" * (MAX_NOTE + 1), []),
        ("\ud800", []),
        ("a\0b", []),
        ("", ["two words"]),
        ("", ["a,b"]),
        ("", [""]),
        ("", ["x" * (MAX_TAG + 1)]),
        ("", [str(i) for i in range(MAX_TAGS + 1)]),
    ],
)
def test_a_note_or_tag_that_is_not_allowed_changes_nothing(store: Store, note: str, tags: list[str]) -> None:
    run = finished(Spec())
    store.annotate(run, note="kept", tags=["kept"])
    with pytest.raises(SpecError):
        store.annotate(run, note=note, tags=tags)
    assert (store.read(run).note, store.read(run).tags) == ("kept", ("kept",))


def test_a_queued_run_can_be_annotated(store: Store) -> None:
    run = store.create(Spec())
    store.annotate(run, note="waits", tags=["soon"])
    store.update(run, "running")
    store.update(run, "stopped")
    assert (Store().read(run).note, Store().read(run).tags) == ("waits", ("soon",))


def test_a_deleted_run_is_in_no_list_and_comes_back_as_it_was(store: Store) -> None:
    run, other = finished(Spec()), finished(Spec(), 0.7)
    before, events = store.read(run), list(store.events(run))
    store.delete(run)
    assert [each.id for each in store.runs()] == [other]
    assert store.find(Spec()) == store.read(other)
    with pytest.raises(RunNotFound):
        Store().read(run)
    with pytest.raises(RunNotFound):
        store.delete(run)
    store.restore(run)
    assert Store().read(run) == before
    assert list(store.events(run)) == events
    with pytest.raises(RunNotFound, match="can't be restored"):
        store.restore(run)


def test_a_run_under_way_is_not_deleted(store: Store) -> None:
    run = store.create(Spec())
    with pytest.raises(SpecError, match="stop it first"):
        store.delete(run)
    assert store.read(run).active


@pytest.mark.parametrize("run_id", ["..", "../x", "a/b", "", ".", "/etc"])
def test_no_other_place_is_deleted_or_restored(store: Store, run_id: str, tmp_path: Path) -> None:
    for act in (store.delete, store.restore):
        with pytest.raises(RunNotFound):
            act(run_id)
    assert tmp_path.exists()


def test_tags_are_words() -> None:
    assert checked_tags([" a ", "b"]) == ("a", "b")
