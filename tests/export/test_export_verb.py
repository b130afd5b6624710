"""`python -m labcore export`: one line of JSON, or one line on what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.commands.export_child import main as child
from labcore.export import extra
from labcore.export.export_jobs import ExportJobs
from labcore.export.exported_page import read_page
from labcore.runs.store import Store


def test_a_run_is_exported(run_id: str, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", run_id, "--to", "huggingface", "--out", str(out)]) == 0
    printed, errors = capsys.readouterr()
    facts = json.loads(printed)
    assert (facts["kind"], facts["run"], facts["labels"]) == ("huggingface", run_id, ["no", "yes"])
    assert facts["title"] == "2 layers, 3 heads a layer, rank 8, 1 epoch"
    assert "note: Matrices in two factors were multiplied out." in errors
    assert json.loads((out / "export.json").read_text()) == facts


def test_a_run_and_its_teacher_become_a_page(run_id: str, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", run_id, "--to", "page", "--beside-teacher", "--out", str(out)]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["format"], facts["kind"]) == (1, "page")
    assert (facts["student"]["kind"], facts["student"]["run"]) == ("onnx", run_id)
    assert facts["student"]["measured"]["agreement"] == 1
    assert facts["teacher"]["run"] == ""
    assert json.loads(json.dumps(read_page(out).to_json())) == facts
    files = [file for file in out.rglob("*") if file.is_file() and file.suffix not in (".txt", ".md", ".html")]
    assert facts["bytes"] == sum(file.stat().st_size for file in files if file.name != "page.json")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "onnx", "--beside-teacher"], "--beside-teacher is of a page, and --to is onnx"),
        (["--to", "huggingface", "--weights", "onnx"], "--weights is of a page, and --to is huggingface"),
    ],
)
def test_an_option_of_a_page_is_of_no_other_kind(
    arguments: list[str], words: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "nobody", *arguments, "--out", str(out)]) == 2
    assert words in capsys.readouterr().err


def test_a_teacher_has_no_teacher_beside_it(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "reviews", "--to", "page", "--beside-teacher", "--out", str(out)]) == 2
    assert "'reviews' is no student, so it has no teacher beside it" in capsys.readouterr().err
    assert not out.exists()


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
