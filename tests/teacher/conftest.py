"""A tiny teacher in a folder, the task that it does, and what a row of the tables changes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.mutations.folders import good_folder
from benchmarks.mutations.outcome import quiet
from labcore.data.tasks import Task
from tests.shared.brought_teachers import Brought
from tests.shared.tiny_tasks import give_task, task_of


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny teacher as save_pretrained writes it."""
    quiet()
    return good_folder(tmp_path_factory.mktemp("brought") / "good")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(good, tmp_path / "teacher"))


@pytest.fixture
def task(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """A task that the teacher in the folder does, with names for its labels."""
    made = replace(task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}"), label_names=("bad", "good"))
    give_task(monkeypatch, made)
    return made


@pytest.fixture
def brought(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Brought:
    """The copy with its task and a home."""
    return Brought(folder, tmp_path / "home", monkeypatch, capsys)
