"""`python -m labcore export`: one line of JSON, or one line on what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.commands.export_child import main as child
from labcore.export import extra
from labcore.export.export_jobs import ExportJobs
from labcore.runs.store import Store


def test_a_run_is_exported(run_id: str, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", run_id, "--to", "huggingface", "--out", str(out)]) == 0
    printed, errors = capsys.readouterr()
    facts = json.loads(printed)
    assert (facts["kind"], facts["run"], facts["labels"]) == ("huggingface", run_id, ["no", "yes"])
    assert facts["title"] == "2 layers, 3 heads a layer, rank 8, 1 epoch"
    assert "note: Matrices in two factors were multiplied out." in errors
    assert json.loads((out / "export.json").read_text()) == facts


def test_a_process_of_the_server_exports_once(run_id: str, store: Store) -> None:
    jobs = ExportJobs(store.home)
    [_, _, _, lock, *arguments] = jobs.command(run_id, "huggingface")
    assert child(lock, arguments) == 0
    assert child(lock, arguments) == 0  # another one has made it
    assert (jobs.folder(run_id, "huggingface") / "model.safetensors").is_file()
    assert jobs.state(run_id, "huggingface") is not None
    store.discard(run_id)
    assert jobs.state(run_id, "huggingface") is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["nobody", "--to", "onnx"],
            "'nobody' is no run of this home and no student's folder; give a finished run",
        ),
        (["bert-tiny", "--to", "huggingface"], "has no weights here"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], words: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *arguments, "--out", str(out)]) == 2
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert errors.startswith("error: ")
    assert words in errors
    assert errors.count("\n") == 1
    assert not out.exists()


def test_without_the_packages_it_says_so_before_any_work(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "missing", lambda packages: ["onnxruntime"])
    assert main(["export", "reviews", "--to", "onnx", "--out", str(out)]) == 2
    assert "pip install -r requirements-export.txt" in capsys.readouterr().err


def test_an_occupied_folder_is_left_as_it_is(run_id: str, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out.mkdir(parents=True)
    (out / "mine").touch()
    assert main(["export", run_id, "--to", "huggingface", "--out", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["mine"]
