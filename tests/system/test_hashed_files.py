"""Equal files of a home take their space once, and what nothing refers to goes."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

import pytest
import torch

from labcore.compress.derive import derive
from labcore.compress.student_folder import save
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.count.parameters import count
from labcore.results.counts import Comparison
from labcore.runs.store import Store
from labcore.runs.test_logits import StoredLogits
from labcore.system.files import write_whole
from labcore.system.hashed_files import FOLDER, SMALLEST, remove_unused, share, unused
from labcore.teacher.load import load_teacher, load_tokenizer

WEIGHTS = bytes(range(256)) * 40


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def shared_file(home: Path, name: str, content: bytes = WEIGHTS) -> Path:
    """A file of a folder of its own, shared."""
    path = home / "runs" / name / "weights"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    share(home, path.parent)
    return path


def hashed(home: Path) -> dict[str, int]:
    """The links of each hashed file."""
    return {file.name: file.stat().st_nlink for file in (home / FOLDER).iterdir()}


def test_equal_files_are_one_under_their_hash(home: Path) -> None:
    one, two = shared_file(home, "one"), shared_file(home, "two")
    other = shared_file(home, "three", WEIGHTS[::-1])
    assert hashed(home) == {
        hashlib.sha256(WEIGHTS).hexdigest(): 3,
        hashlib.sha256(WEIGHTS[::-1]).hexdigest(): 2,
    }
    assert one.samefile(two)
    assert (one.read_bytes(), other.read_bytes()) == (WEIGHTS, WEIGHTS[::-1])
    share(home, one)
    assert hashed(home)[hashlib.sha256(WEIGHTS).hexdigest()] == 3


def test_a_file_that_is_replaced_leaves_its_equals_as_they_were(home: Path) -> None:
    one, two = shared_file(home, "one"), shared_file(home, "two")
    write_whole(one, b"new")
    assert (one.read_bytes(), two.read_bytes()) == (b"new", WEIGHTS)


def test_a_small_file_and_a_link_are_left_in_their_folder(home: Path) -> None:
    shared_file(home, "small", bytes(SMALLEST - 1))
    elsewhere = home / "elsewhere"
    elsewhere.write_bytes(WEIGHTS)
    (home / "runs" / "small" / "link").symlink_to(elsewhere)
    share(home, home / "runs" / "small")
    assert not (home / FOLDER).exists()
    assert unused(home) == []


def test_a_damaged_hashed_file_damages_no_other(home: Path) -> None:
    one = shared_file(home, "one")
    damaged = home / FOLDER / hashlib.sha256(WEIGHTS).hexdigest()
    write_whole(damaged, b"damaged")
    two = shared_file(home, "two")
    assert (one.read_bytes(), two.read_bytes(), damaged.read_bytes()) == (WEIGHTS,) * 3
    assert damaged.samefile(two)


def test_a_disk_without_links_keeps_each_file_in_its_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    one, two = shared_file(home, "one"), shared_file(home, "two")
    assert (one.read_bytes(), two.read_bytes()) == (WEIGHTS, WEIGHTS)
    assert not one.samefile(two)
    assert hashed(home) == {}


def test_a_file_goes_with_its_last_folder(home: Path) -> None:
    one, two = shared_file(home, "one"), shared_file(home, "two")
    [file] = (home / FOLDER).iterdir()
    assert unused(home) == []
    assert unused(home, [one]) == []
    assert unused(home, [one, two]) == [file]
    one.unlink()
    remove_unused(home)
    assert file.exists()
    two.unlink()
    (home / FOLDER / "mine.txt").write_text("mine")
    remove_unused(home)
    assert hashed(home) == {"mine.txt": 1}


def test_a_file_that_is_refused_holds_up_no_other(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, refused = os.link, hashlib.sha256(WEIGHTS).hexdigest()

    def one_refused(source: Path, target: Path) -> None:
        if target.name == refused:
            raise OSError(31, "Too many links")
        link(source, target)

    monkeypatch.setattr(os, "link", one_refused)
    folder = home / "runs" / "one"
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(WEIGHTS)
    (folder / "b").write_bytes(WEIGHTS[::-1])
    share(home, folder)
    assert hashed(home) == {hashlib.sha256(WEIGHTS[::-1]).hexdigest(): 2}


def test_a_folder_that_can_not_be_listed_fails_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = shared_file(home, "one")

    def too_many(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(Path, "rglob", too_many)
    monkeypatch.setattr(Path, "glob", too_many)
    share(home, one.parent)
    remove_unused(home)
    assert one.read_bytes() == WEIGHTS


def test_a_link_of_a_killed_process_keeps_no_content(home: Path) -> None:
    one = shared_file(home, "one")
    [file] = (home / FOLDER).iterdir()
    os.link(file, home / FOLDER / ".0123456789abcdef.part")
    one.unlink()
    remove_unused(home)
    assert hashed(home) == {}


def trained(store: Store) -> str:
    """A run whose student and logits are in the store."""
    spec = Spec(teacher="reviews", steps=(KeepLayers(layers=(0,)),))
    student = derive(load_teacher(spec.teacher), spec.steps)
    run, counts = store.create(spec), Comparison(*[count(student)] * 2)
    store.save_student(run, partial(save, student, spec=spec, tokenizer=load_tokenizer(), counts=counts))
    store.save_logits(run, StoredLogits(torch.ones(1000, 2), torch.zeros(1000, 2), torch.ones(1000).long()))
    return run


def test_two_equal_runs_share_weights_tokenizer_and_logits(store: Store) -> None:
    one, two = trained(store), trained(store)
    for file in ("student/model.safetensors", "student/tokenizer.json", "answers.safetensors"):
        assert (store.home / "runs" / one / file).samefile(store.home / "runs" / two / file)
    weights, before = store.student(two).model.state_dict(), hashed(store.home)
    assert set(before.values()) == {3}
    store.discard(one)
    assert set(hashed(store.home)) == set(before)
    for name, tensor in store.student(two).model.state_dict().items():
        assert torch.equal(tensor, weights[name])
    store.discard(two)
    assert hashed(store.home) == {}
