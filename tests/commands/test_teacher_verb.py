"""`python -m labcore teacher`: make, bring, list, rename and remove."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.spec import Spec
from tests.shared.brought_teachers import change_tensors, configure, flipped
from tests.shared.parcels import kept_data


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_from_made_to_removed(capsys: pytest.CaptureFixture[str]) -> None:
    task = kept_data(120)
    assert main(["teacher", "make", task, "--epochs", "1"]) == 0
    *events, entry = printed(capsys)
    assert {event["event"] for event in events} == {"step", "teacher_validation"}
    assert (entry["title"], entry["status"], entry["task"]) == ("Parcels teacher", "ready", task)
    name = str(entry["teacher"])
    assert main(["teacher", "rename", name, "Mine"]) == 0
    assert main(["teacher", "list"]) == 0
    assert [each["title"] for each in printed(capsys)] == ["Mine", "Mine"]
    assert main(["teacher", "remove", name.removeprefix("own:")]) == 0
    assert printed(capsys) == [{"removed": name}]
    assert main(["teacher", "remove", name]) == 2
    assert "no teacher" in capsys.readouterr().err


def test_open_labels_are_asked(spec: Spec, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(spec.teacher)
    configure(folder, id2label={0: "LABEL_0", 1: "LABEL_1"}, label2id={"LABEL_0": 0, "LABEL_1": 1})
    change_tensors(folder, flipped)
    assert main(["teacher", "bring", str(folder), "--task", "reviews"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "give --labels LABEL_1,LABEL_0" in error
    assert main(["teacher", "bring", str(folder), "--task", "reviews", "--labels", "LABEL_1,a"]) == 2
    assert "each once" in capsys.readouterr().err
    assert main(["teacher", "bring", str(folder), "--task", "reviews", "--labels", "LABEL_1,LABEL_0"]) == 0
    [entry] = printed(capsys)
    assert (entry["order"], entry["source"]) == ([1, 0], str(folder))


@pytest.mark.parametrize(
    "options",
    [
        ["make", "nothing"],
        ["make", "data:../../etc"],
        ["make", "reviews", "--epochs", "0"],
        ["make", "reviews", "--title", "x" * 41],
        ["bring", "/nowhere/at-all", "--task", "reviews"],
        ["bring", "owner/model@0123", "--task", "reviews"],
        ["rename", "own:gone-1234", "Mine"],
        ["remove", "own:../x"],
    ],
)
def test_what_can_not_be_done_is_a_line(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main(["teacher", *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
