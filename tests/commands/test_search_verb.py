"""What `search` prints, and how it goes on after a stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.commands.search_verb import seconds_of
from labcore.config.spec import Spec, SpecError
from labcore.runs.store import Store
from labcore.search.search_events import StateChanged
from labcore.search.search_files import SearchFiles


def searched(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, object], str]:
    """The object that a search of 40 steps prints, and its progress."""
    assert main(["search", *arguments]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    result: dict[str, object] = json.loads(out)
    return result, err


@pytest.mark.full
def test_a_search_with_a_teachers_folder_prints_one_object_and_equal_ones_are_equal(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(spec.teacher)
    monkeypatch.chdir(folder.parent)
    wanted = ("--task", spec.task, "--within", "30", "--steps", "40", "--seed", "1")
    first, progress = searched(capsys, "--teacher", f"./{folder.name}", *wanted, "--home", str(tmp_path / "first"))
    assert first["state"] == "finished"
    outcome = first["outcome"]
    assert isinstance(outcome, dict)
    assert outcome["candidates"]
    assert "after a full training" in progress
    runs = Store(tmp_path / "first").runs()
    assert {run.spec.teacher for run in runs} == {str(folder)}  # from wherever it is resumed
    second, _ = searched(capsys, "--teacher", str(folder), *wanted, "--home", str(tmp_path / "second"))
    assert second["spec"] == first["spec"]


def test_a_search_that_was_paused_resumes_and_a_finished_one_does_not(
    spec: Spec, lab_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, _ = searched(capsys, "--teacher", spec.teacher, "--within", "30", "--steps", "40")
    search_id = str(begun["search"])
    assert main(["search", "--resume", search_id]) == 2
    assert f"search {search_id} has finished; begin another one" in capsys.readouterr().err
    events = lab_home / "searches" / search_id / "events.jsonl"
    lines = events.read_text(encoding="utf-8").splitlines(keepends=True)
    events.write_text("".join(lines[:5]), encoding="utf-8")
    SearchFiles(lab_home).append(search_id, StateChanged("paused"))
    resumed, _ = searched(capsys, "--resume", search_id)
    assert resumed["state"] == "finished"
    assert resumed["spec"] == begun["spec"]


@pytest.mark.parametrize(("text", "seconds"), [("20m", 1200), ("90s", 90), ("90", 90), ("1h", 3600), ("1.5m", 90)])
def test_a_time_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "20 minutes", "-5m", "59s", "25h", "1e9", "m"])
def test_no_time_is_refused_with_what_to_give(text: str) -> None:
    with pytest.raises(SpecError, match=r"--budget is .*; give a time"):
        seconds_of(text)
