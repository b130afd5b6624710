"""Submissions graded from the command line: one line by line, a folder as a table for the class."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labcore.__main__ import main
from labcore.config.spec import Spec
from labcore.exercise.attempt import CONFIG_KEY
from labcore.exercise.class_grades import checked_uploads, grades_so_far, missing_runs
from labcore.exercise.submission_checks import CHECKS, RECOMPUTED
from labcore.results.events import Event
from labcore.runs import execute
from labcore.runs.store import Store
from tests.shared.attempts import EARLY
from tests.shared.submissions import REASON, Class, put


def test_one_file_is_graded_line_by_line(room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ada.json"
    file.write_text(json.dumps(room.honest))
    assert main(["grade", str(file), "--home", str(room.home)]) == 0
    out = capsys.readouterr().out
    assert out.rstrip().endswith("in all: passed")
    assert out.count("\npassed") == len(CHECKS) - 2  # all but the first, and no copy
    file.write_text(json.dumps(put("figures.students.0.accuracy", 1.0)(copy.deepcopy(room.honest))))
    assert main(["grade", str(file), "--home", str(room.home)]) == 1
    out = capsys.readouterr().out
    assert "failed          accuracy: A: 100.0 % claimed" in out
    assert out.rstrip().endswith("in all: failed")


def test_counts_only_trains_nothing_and_never_says_passed(
    room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, home = tmp_path / "ada.json", tmp_path / "no-home"
    file.write_text(json.dumps(put("figures.students.0.accuracy", 1.0)(copy.deepcopy(room.honest))))
    assert main(["grade", str(file), "--home", str(home), "--counts-only"]) == 0
    out = capsys.readouterr().out
    assert "not recomputed  accuracy" in out
    assert out.rstrip().endswith("in all: not recomputed")
    assert not home.exists()
    file.write_text(json.dumps(put("figures.students.0.parameters", 1)(copy.deepcopy(room.honest))))
    assert main(["grade", str(file), "--counts-only"]) == 1


def test_a_folder_is_a_table_for_the_class(room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, table = tmp_path / "class", tmp_path / "grades.csv"

    def submitted(name: str, *changes: Callable[[dict[str, Any]], object], **own: Any) -> None:
        data = room.submitted(room.another(name, **own))
        for change in changes:
            change(data)
        (folder / name).mkdir(parents=True)  # as course systems export them
        (folder / name / "exercise.json").write_text(json.dumps(data))

    submitted("Ada", reason=REASON)
    submitted("Eve", reason=REASON.upper(), predicted=EARLY)
    submitted("Bob", put("figures.students.2.accuracy", 0.95), predicted="2026-01-03T09:00:00+00:00")
    submitted("=cmd|'/c calc'!A1".replace("/", "-"), begun="2026-01-03T11:00:00+00:00")
    (folder / "broken.json").write_text("{")
    (folder / "notes.txt").write_text("not graded")
    assert main(["grade", str(folder), "--home", str(room.home), "--csv", str(table)]) == 1
    out = capsys.readouterr().out
    lines = {line.split()[0]: line for line in out.splitlines() if line}
    assert "flagged" in lines["Ada"]
    assert "the same reason as Eve/exercise.json" in lines["Ada"]
    assert "the same reason as Ada/exercise.json" in lines["Eve"]
    assert "failed" in lines["Bob"]
    assert "C: 95.0 % claimed" in lines["Bob"]
    assert "original" not in lines["Bob"]
    assert "not JSON" in lines["broken.json"]
    assert "notes.txt" not in out
    assert out.rstrip().endswith("5 submissions: 2 failed, 2 flagged, 1 passed")
    with table.open() as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert len(rows) == 5
    assert rows["Bob/exercise.json"]["check: accuracy"] == "failed"
    assert float(rows["Bob/exercise.json"]["accuracy C"]) < 0.9  # the recomputed one
    assert rows["Ada/exercise.json"]["check: original"] == "flagged"
    assert all(not row["name"].startswith("=") for row in rows.values())  # no formula in a spreadsheet


def test_two_files_of_one_person_are_no_copies(room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("first.json", "second.json"):
        (tmp_path / name).write_text(json.dumps(room.honest))
    assert main(["grade", str(tmp_path), "--home", str(room.home)]) == 0
    assert "2 passed" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ada.JSON", "ada.txt", "ada", "ada.json.bak"])
def test_a_submission_is_never_run_whatever_it_is_called(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "ran"
    file = tmp_path / "class" / name
    file.parent.mkdir()
    file.write_text(f"open({str(ran)!r}, 'w')\ndef count_parameters(model): return {{}}\n")
    assert main(["grade", str(file), "--counts-only"]) in (1, 2)
    assert not ran.exists()
    if name == "ada.JSON":  # of the class, too
        assert main(["grade", str(file.parent), "--counts-only"]) == 1
        assert "1 submission: " in capsys.readouterr().out


def test_a_run_that_breaks_in_an_unforeseen_way_fails_its_own_submission_only(
    room: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = execute.execute

    def breaking(spec: Spec, *others: Any) -> Iterator[Event]:
        if spec.distil.steps == 9:
            raise ValueError("zip() argument 3 is shorter than arguments 1-2")
        yield from real(spec, *others)

    monkeypatch.setattr(execute, "execute", breaking)
    broken = copy.deepcopy(room.honest)
    broken["attempt"][CONFIG_KEY]["steps"] = 9
    broken["attempt"] |= {"name": "Eve", "id": "f" * 16, "reason": " ".join(f"word{i}" for i in range(20))}
    for name, data in (("ada", room.honest), ("eve", broken)):
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    assert main(["grade", str(tmp_path), "--home", str(room.home)]) == 1
    out = capsys.readouterr().out
    assert "its run fails here: zip()" in out
    assert "1 failed, 1 passed" in out


@pytest.mark.parametrize(
    ("path", "words"), [("empty", "no submission in it"), ("none.json", "is not a file"), ("none", "is not a file")]
)
def test_nothing_to_grade_is_misuse(path: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["grade", str(tmp_path / path)]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


def test_uploads_are_graded_as_files_are_once_their_runs_are_there(room: Class, store: Store) -> None:
    ada = json.dumps(room.honest).encode()
    checked = checked_uploads({"1: ada.json": ada, "2: again.json": ada, "3: x.json": b"no JSON"}, room.server.home)
    missing = missing_runs(checked, store)
    assert len(missing) == len(set(missing)) == 3
    first, again, other = grades_so_far(checked, store)
    assert (first.outcome, again.outcome, other.outcome) == ("not recomputed", "not recomputed", "failed")
    assert any("waits for 3 runs" in check.why for check in first.checks)
    assert missing_runs(checked, room.server) == []
    first, again, other = grades_so_far(checked, room.server)
    assert first.recomputed is not None
    assert {check.outcome for check in first.checks if check.name in RECOMPUTED} == {"passed"}
