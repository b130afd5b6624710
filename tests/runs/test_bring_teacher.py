"""Bringing a teacher: its labels by name, by fit, or asked; uploads as data; what does not do the task is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from labcore.config.checks import SpecError
from labcore.config.spec import Spec
from labcore.data import tasks
from labcore.runs.bring_teacher import bring, examine, pinned, stage_upload
from labcore.runs.store import Store
from labcore.runs.teacher_models import load_for
from labcore.runs.teacher_store import TeacherStore
from labcore.system.hashed_files import FOLDER
from labcore.teacher.location import WEIGHTS, TeacherError, folder_of
from labcore.teacher.offered import offered, offered_folder
from tests.shared.brought_teachers import change_tensors, configure, flipped, run_of
from tests.shared.tiny_tasks import give_task


@pytest.fixture
def folder(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A teacher of the task `reviews` with the labels `negative` and `positive`."""
    give_task(monkeypatch, replace(tasks.load_task("reviews"), label_names=("negative", "positive")))
    return Path(spec.teacher)


def labelled(folder: Path, *names: str) -> None:
    configure(folder, id2label=dict(enumerate(names)), label2id={name: i for i, name in enumerate(names)})


def test_names_settle_the_order(folder: Path) -> None:
    labelled(folder, "POS", "NEG")
    change_tensors(folder, flipped)
    examination = examine(str(folder), "reviews")
    assert (examination.by_name, examination.by_fit) == ((1, 0), (1, 0))
    assert examination.settled
    assert examination.accuracy((1, 0)) == pytest.approx(1 - examination.accuracy((0, 1)))
    teacher = bring(examination, "Mine", examination.proposed, "folder", TeacherStore())
    assert teacher.figures is not None
    assert teacher.figures.accuracy == examination.accuracy((1, 0))


def test_numbers_are_matched_by_fit_and_asked(folder: Path, store: Store) -> None:
    labelled(folder, "LABEL_0", "LABEL_1")
    change_tensors(folder, flipped)
    examination = examine(str(folder), "reviews")
    assert examination.by_name is None
    assert not examination.settled
    assert examination.proposed == (1, 0)
    teacher = bring(examination, "Mine", (1, 0), "folder", TeacherStore())
    model = load_for(teacher.name, "reviews").model
    assert tuple(model.config.id2label.values()) == ("negative", "positive")
    raw = load_for(str(folder), None).model
    assert torch.equal(model.classifier.weight, raw.classifier.weight.flip(0))
    run, _ = run_of(Spec(teacher=teacher.name, task="reviews"), store)
    assert run.result.teacher_accuracy > 0.7  # in the other order it would be below 0.3


def test_names_that_lie_are_seen(folder: Path) -> None:
    labelled(folder, "negative", "positive")
    change_tensors(folder, flipped)
    examination = examine(str(folder), "reviews")
    assert examination.by_name == (0, 1)
    assert not examination.settled
    assert examination.significantly_better((1, 0), (0, 1))
    with pytest.raises(TeacherError, match="does not do this task"):
        bring(examination, "Mine", (0, 1), "folder", TeacherStore())
    assert TeacherStore().all() == []


def test_an_order_uses_each_label_once(folder: Path) -> None:
    examination = examine(str(folder), "reviews")
    for order in ((0, 0), (0,), (0, 2)):
        with pytest.raises(TeacherError, match="each one once"):
            bring(examination, "Mine", order, "folder", TeacherStore())


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_an_upload_moves_into_the_home(folder: Path, lab_home: Path) -> None:
    staged = stage_upload(files_of(folder) | {"pytorch_model.bin": b"x", "README.md": b"y"})
    assert {"pytorch_model.bin", "README.md"}.isdisjoint(file.name for file in staged.iterdir())
    assert TeacherStore().all() == []  # a staged folder is no teacher
    teacher = bring(examine(str(staged), "reviews"), "Mine", (0, 1), "upload", TeacherStore())
    assert not staged.exists()
    assert folder_of(teacher.name) == lab_home / "teachers" / teacher.id / "model"
    again = bring(examine(str(stage_upload(files_of(folder))), "reviews"), "Again", (0, 1), "upload", TeacherStore())
    weights = folder_of(teacher.name) / WEIGHTS
    assert weights.samefile(folder_of(again.name) / WEIGHTS)  # stored once
    assert weights.stat().st_nlink == 3
    for each in (teacher, again):
        TeacherStore().remove(each.id)
    assert list((lab_home / "teachers").iterdir()) == []
    assert list((lab_home / FOLDER).iterdir()) == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"../model.safetensors": b""}, "no plain file name"),
        ({"/etc/model.safetensors": b""}, "no plain file name"),
        ({".model.safetensors": b""}, "no plain file name"),
        ({"pytorch_model.bin": b""}, "no file that ends in .safetensors"),
        ({}, "no file that ends in .safetensors"),
        ({f"{i}.safetensors": b"" for i in range(60)}, "at most 40 files"),
    ],
)
def test_an_upload_that_is_no_teacher_is_refused(files: dict[str, bytes], words: str, lab_home: Path) -> None:
    with pytest.raises(TeacherError, match=words):
        stage_upload(files)
    assert not lab_home.exists()


def test_damaged_files_are_a_sentence(folder: Path) -> None:
    for name, content in {
        "model.safetensors": (10**9).to_bytes(8, "little") + b"{}",
        "config.json": json.dumps({"model_type": "bert", "num_hidden_layers": 10**9}).encode(),
        "tokenizer.json": b"{",
    }.items():
        staged = stage_upload(files_of(folder) | {name: content})
        with pytest.raises(SpecError):
            examine(str(staged), "reviews")


def test_the_host_s_folder_lists_models_only(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered() == []
    monkeypatch.setenv("LAB_TEACHERS", str(tmp_path / "nowhere"))
    assert offered() == []
    monkeypatch.setenv("LAB_TEACHERS", str(tmp_path))
    (tmp_path / "owner").mkdir()
    folder.rename(tmp_path / "owner" / "model")
    (tmp_path / "empty").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "config.json").write_text("{}")
    assert offered() == ["owner/model"]
    assert offered_folder("owner/model") == tmp_path / "owner" / "model"
    for name in ("..", "owner", "/etc", "owner/../owner/model", ".hidden"):
        with pytest.raises(SpecError, match="no folder of a model"):
            offered_folder(name)


def test_a_hub_s_model_is_known_by_its_commit(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in the form of the hub's cache, as a download leaves it."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    cache = tmp_path / "hub"
    model = cache / "models--owner--name"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(commit)
    (model / "snapshots").mkdir()
    folder.rename(model / "snapshots" / commit)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    name = pinned(" owner/name ")
    assert name == f"owner/name@{commit}"
    assert pinned(name) == name
    teacher = bring(examine(name, "reviews"), "Mine", (0, 1), "hub", TeacherStore())
    assert folder_of(teacher.name) == model / "snapshots" / commit
    for path in (str(tmp_path), "/etc/passwd", "reviews", "own:x", f"owner/name@{commit[:7]}"):
        with pytest.raises(TeacherError, match="no model's id"):
            pinned(path)  # this field reads nothing else of the machine
    other = name[:-1] + "0"
    with pytest.raises(TeacherError, match=r"hub can't be reached|not on this machine"):
        pinned(other)
