"""A run's own name in the store: given, changed, taken back, refused; folders without one open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.spec import Spec, SpecError
from labcore.results.run import MAX_NAME, checked_name
from labcore.runs.store import RunNotFound, Store
from tests.shared.disk import small_disk
from tests.shared.old_runs import write_old_run
from tests.shared.runs import FINISHED, PAIR


def test_a_run_keeps_its_name_until_it_is_taken_back() -> None:
    store = Store()
    run = store.create(Spec())
    assert store.read(run).name is None
    store.rename(run, "  my best student  ")
    assert store.read(run).name == Store().read(run).name == "my best student"
    store.update(run, "running")
    store.finish(run, FINISHED, PAIR)
    [finished] = Store().finished_runs()
    assert finished.name == "my best student"
    assert finished.spec == Spec()
    store.rename(run, "Élodie’s 4th ½ ✓")
    assert Store().read(run).name == "Élodie’s 4th ½ ✓"
    store.rename(run, None)
    store.rename(run, None)  # nothing to take back
    assert Store().read(run).name is None


def test_a_name_is_no_part_of_the_run_and_an_older_folder_opens_without_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    run = store.create(Spec())
    before = store.read(run)
    store.rename(run, "mine")
    assert store.read(run) == replace(before, name="mine")
    assert replace(store.read(run), name="other").finish(FINISHED, PAIR).name == "other"
    for i, damaged in enumerate((b"", b"\xff\xfe", b"two\nlines", b"x" * 1000)):
        folder = write_old_run(tmp_path / f"{i}", before)
        (folder / "name.txt").write_bytes(damaged)
        assert Store(tmp_path / f"{i}").read(run).name is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is empty; give 1 to 40"),
        ("   ", "is empty"),
        ("x" * 300, "has 300 characters; give at most 40"),
        ("a\nb", "cannot be seen (U+000A)"),
        ("a\x00b", "cannot be seen (U+0000)"),
        ("left\u202eright", "cannot be seen (U+202E)"),  # it would turn the words after it around
        ("half \ud83d", "half a character"),
        (7, "is 7; give text"),
    ],
)
def test_a_name_that_no_list_could_show_is_refused(name: object, words: str) -> None:
    store = Store()
    run = store.create(Spec())
    store.rename(run, "mine")
    with pytest.raises(SpecError) as error:
        store.rename(run, name)  # type: ignore[arg-type]
    assert words in str(error.value)
    assert "the run's name" in str(error.value)
    assert store.read(run).name == "mine"


@given(st.text(max_size=60))
def test_what_is_accepted_can_be_read_again(name: str) -> None:
    try:
        checked = checked_name(name)
    except SpecError:
        return
    assert checked == checked_name(checked)
    assert 0 < len(checked) <= MAX_NAME
    assert checked.encode().decode() == checked


def test_a_full_disk_leaves_the_name_as_it_was(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        store = Store(disk.path / "home")
        run = store.create(Spec())
        store.rename(run, "mine")
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            store.rename(run, "another")
        assert store.read(run).name == "mine"
        assert not list((disk.path / "home").rglob("*.part"))
        disk.free()
        store.rename(run, "another")
        assert store.read(run).name == "another"


def test_a_run_that_is_not_there_has_no_name_to_change() -> None:
    for run in ("20260101-000000-abcdef0", "../elsewhere"):
        with pytest.raises(RunNotFound):
            Store().rename(run, "mine")
