"""Where a teacher's name leads: to a folder, a built-in teacher or the hub; or a line says what it should be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

from labcore.teacher import location
from labcore.teacher.load import TeacherError, load_teacher
from tests.shared.brought_teachers import logits_of


def test_a_folder_is_found_by_a_file_in_it_and_from_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = logits_of(load_teacher(str(folder)))
    monkeypatch.setenv("HOME", str(folder.parent))
    for name in (f"{folder}/model.safetensors", f"{folder}/config.json", "~/teacher", f"{folder}/"):
        assert torch.equal(logits_of(load_teacher(name)), expected)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ({"checkpoint-500": "model", "checkpoint-1000": "model", "runs": None}, "such as .*checkpoint-1000"),
        ({"best": "model"}, "give .*best"),
        ({"pytorch_model.bin": ""}, "pytorch_model.bin.*save_pretrained"),
        ({"model.safetensors": ""}, "copy the model's config.json"),
        ({}, "holds nothing"),
    ],
)
def test_what_is_inside_is_named(good: Path, tmp_path: Path, inside: dict[str, str | None], words: str) -> None:
    above = tmp_path / "above"
    above.mkdir()
    for name, what in inside.items():
        if what == "model":
            shutil.copytree(good, above / name)
        elif what is None:
            (above / name).mkdir()
        else:
            (above / name).write_text(what)
    with pytest.raises(TeacherError, match=words):
        load_teacher(str(above))


def test_a_misspelt_name_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> str:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(location.huggingface_hub, "snapshot_download", never)
    for name, meant in (
        ("review", "reviews"),
        ("Reviews", "reviews"),
        ("bert-base-uncase", "bert-base-uncased"),
        ("bert-base", "bert-base-uncased"),
        ("BERT-large", "bert-large-uncased"),
    ):
        with pytest.raises(TeacherError, match=f"did you mean '{meant}'"):
            load_teacher(name)
    for name in ("/no/such/folder", "./nothing", "~/nothing", "a/b/c", "a\0b", "x" * 5000):
        with pytest.raises(TeacherError, match="give "):
            load_teacher(name)


def test_a_hub_that_can_not_be_reached_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client would try again for half a minute a file; only what is on this machine is looked at."""
    asked: list[bool] = []

    def snapshot_download(hub_id: str, *, local_files_only: bool = False, **_: object) -> str:
        asked.append(local_files_only)
        raise FileNotFoundError(hub_id)

    monkeypatch.setattr(location.huggingface_hub, "snapshot_download", snapshot_download)
    monkeypatch.setattr(location.huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):  # behind one only a try can tell
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TeacherError, match="can't be reached"):
        load_teacher("somebody/some-model-that-is-not-here")
    assert asked == [True]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (RepositoryNotFoundError, "there is no public model of this name; give the id of a public model"),
        (RevisionNotFoundError, "the model has no such commit; give the id"),
        (GatedRepoError, "its owner must allow the download first"),
        (ConnectionError, "it broke; give the id"),
    ],
)
def test_the_field_of_the_hub_names_only_what_it_takes(
    kind: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in words, without the client's own lines, and without built-in names or folders as advice."""

    def snapshot_download(hub_id: str, *, local_files_only: bool = False, **_: object) -> str:
        if local_files_only:
            raise FileNotFoundError(hub_id)
        if issubclass(kind, HfHubHTTPError):
            raise of_the_hub(kind)
        raise kind("it broke\nand a second line")

    monkeypatch.setattr(location.huggingface_hub, "snapshot_download", snapshot_download)
    monkeypatch.setattr(location, "_hub_responds", lambda: True)
    with pytest.raises(TeacherError) as caught:
        location.hub_folder("somebody/model")
    assert words in f"{caught.value}"
    monkeypatch.setattr(location, "_hub_responds", lambda: False)
    with pytest.raises(TeacherError, match="can't be reached") as unreached:
        location.hub_folder("somebody/model")
    with pytest.raises(TeacherError, match="no model's id") as wrong:
        location.hub_folder("reviews")
    for error in (caught, unreached, wrong):
        assert "\n" not in f"{error.value}"
        assert "Request ID" not in f"{error.value}"
        assert "'reviews'," not in f"{error.value}"
        assert "save_pretrained" not in f"{error.value}"


def of_the_hub(kind: type[HfHubHTTPError]) -> Exception:
    """The client's error without its response, whose library depends on the client's version."""
    error = kind.__new__(kind)
    Exception.__init__(error, "404 Client Error.\n(Request ID: 1-2)")
    return error


def test_a_model_of_the_hub_is_read_from_its_cache(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(location.huggingface_hub, "snapshot_download", lambda hub_id, **_: str(good))
    assert torch.equal(logits_of(load_teacher("somebody/model")), logits_of(load_teacher(str(good))))


def test_one_folder_has_one_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("HOME", str(folder.parent))
    for name in ("teacher", "./teacher/", f"{folder}/config.json", "~/teacher", f"{folder}/../teacher"):
        assert location.resolved(name) == str(folder.resolve())
    for name in ("reviews", "somebody/model", "~nobody-here/x", "a\0b"):
        assert location.resolved(name) == name
