"""What a command can't do is one line and exit status 2: a bad spec, a wrong teacher, a place that takes nothing."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from labcore.__main__ import main
from tests.shared.spec_file import spec_file

BAD = {
    "heads to keep": {"steps": [{"kind": "prune_heads", "heads": 13}]},
    "neurons to keep": {"steps": [{"kind": "prune_neurons", "intermediate": 0}]},
    "rank and energy": {"steps": [{"kind": "factorise", "rank": 8, "energy": 0.5}]},
    "neither rank nor energy": {"steps": [{"kind": "factorise"}]},
    "energy": {"steps": [{"kind": "factorise", "energy": 1.5}]},
    "method": {"steps": [{"kind": "factorise", "rank": 8, "method": "magic"}]},
    "embedding rank": {"steps": [{"kind": "factorise_embeddings", "rank": 385}]},
    "vocabulary": {"steps": [{"kind": "trim_vocabulary", "size": 3}]},
    "vocabulary twice": {"steps": [{"kind": "trim_vocabulary", "size": 3000, "task": True}]},
    "pattern": {"steps": [{"kind": "prune", "sparsity": 0.6, "pattern": "2:4"}]},
    "not json": "{",
    "unknown kind": {"steps": [{"kind": "shrink"}]},
    "unknown field": {"distil": {"hurry": 1}},
    "sparsity": {"steps": [{"kind": "prune", "sparsity": 1.0}]},
    "rank 0": {"steps": [{"kind": "factorise", "rank": 0}]},
    "rank too high": {"steps": [{"kind": "factorise", "rank": 385}]},
    "heads": {"steps": [{"kind": "manual", "hidden": 190, "heads": 12}]},
    "heads by default": {"steps": [{"kind": "manual", "hidden": 190}]},
    "layers": {"steps": [{"kind": "keep_layers", "layers": [6]}]},
    "no such teacher": {"teacher": "./nowhere/at-all"},
}


@pytest.mark.parametrize("command", ["count", "run"])
@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_bad_spec_is_one_line_and_exit_status_2(
    command: str, data: object, tmp_path: Path, lab_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--spec", spec_file(tmp_path, data)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert not (lab_home / "runs").exists()


def test_a_home_that_can_not_be_written_and_a_loss_that_breaks_are_a_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["run", "--spec", spec_file(tmp_path, {}), "--home", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1

    def broken(*_: object) -> None:
        raise FloatingPointError("the loss became nan; lower the learning rate")

    monkeypatch.setattr("labcore.runs.execute.execute_and_store", broken)
    assert main(["run", "--spec", spec_file(tmp_path, {}), "--home", str(tmp_path / "home")]) == 1
    assert "lower the learning rate" in capsys.readouterr().err


def test_run_refuses_what_it_can_not_train(tmp_path: Path, lab_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--spec", spec_file(tmp_path, {"teacher": "bert-tiny"})]) == 2
    assert "no weights" in capsys.readouterr().err
    assert main(["run", "--spec", spec_file(tmp_path, {"task": "weather"})]) == 2
    assert "weather" in capsys.readouterr().err
    assert main(["run", "--spec", str(tmp_path / "missing.json")]) == 2
    assert not (lab_home / "runs").exists()


UNUSABLE = [
    ("/dev/null", "/dev/null is a device, not a folder. Give another folder."),
    ("/dev/null/below", "/dev/null is a device, not a folder. Give another folder."),
    ("/proc/none/below", "/proc takes no new folder. Give another folder."),
    ("{tmp}/file", "{tmp}/file is a file, not a folder. Move it away, or give another folder."),
    ("{tmp}/pipe/below", "{tmp}/pipe is a pipe, not a folder. Give another folder."),
    ("{tmp}/socket", "{tmp}/socket is a socket, not a folder. Give another folder."),
]


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--spec", "{tmp}/spec.json", "--home", "{place}"],
        ["sweep", "frontier", "--home", "{place}"],
        ["record", "--home", "{place}"],
        ["grade", "{tmp}", "--home", "{place}"],
        ["derive", "--spec", "{tmp}/spec.json", "--out", "{place}/out"],
        ["sweep", "frontier", "--home", "{tmp}/home", "--out", "{place}/out.json"],
        ["grade", "{tmp}", "--counts-only", "--csv", "{place}/out.csv"],
        ["finetune", "reviews", "--out", "{place}/out"],
    ],
    ids=lambda command: f"{command[0]} {command[-2]}",
)
@pytest.mark.parametrize(("place", "words"), UNUSABLE, ids=[place.removeprefix("{tmp}") for place, _ in UNUSABLE])
def test_a_place_that_takes_nothing_is_refused_before_any_work(
    command: list[str],
    place: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if place.startswith(("/dev", "/proc")) and not Path("/proc/self").exists():
        pytest.skip("this system has no /proc")

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the work began")

    for work in (
        "labcore.runs.execute.check_trainable",
        "labcore.runs.sweep.sweep",
        "labcore.exercise.grade_command.grade",
        "labcore.runs.export_untrained.export",
        "labcore.finetune.lora.finetune",
    ):
        monkeypatch.setattr(work, never)
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    (tmp_path / "spec.json").write_text("{}")
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert main([each.format(tmp=tmp_path, place=place.format(tmp=tmp_path)) for each in command]) == 2
    err = capsys.readouterr().err
    if "/none" in place and "--csv" in command:  # a file's folder is not made
        words = "/proc/none/below is missing. Put it back, or give another."
    assert err.startswith("error: ")
    assert err.endswith(f"{words.format(tmp=tmp_path)}\n")
    assert err.count("\n") == 1


def test_finetune_knows_the_teachers_with_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["finetune", "bert-tiny"])
    assert "'reviews', 'news'" in capsys.readouterr().err
    (tmp_path / "mine.txt").write_text("a file of the person's own")
    assert main(["finetune", "news", "--out", str(tmp_path)]) == 2
    assert "holds no adapter" in capsys.readouterr().err
