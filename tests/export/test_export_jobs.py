"""Exports of a server: each in a process of its own, one at a time, with its state and its refusal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers
from labcore.export import export_jobs
from labcore.export.export_jobs import ENDED, ExportJobs, Making, Ready, Refused
from labcore.export.exported_folder import Kind
from labcore.runs.store import Store
from tests.shared.exported import EXPORTED
from tests.shared.pages import APP, PATIENCE, all_words, metrics
from tests.shared.runs import finished, until

WAITS = "import sys; from pathlib import Path; from filelock import FileLock; FileLock(sys.argv[1]).acquire()\n"
WRITES = f"{WAITS}out = Path(sys.argv[2]); out.mkdir(parents=True); (out / 'export.json').write_text(sys.argv[3])"
REFUSES = f"{WAITS}print('noise', file=sys.stderr); print('error: agreement is 12 %', file=sys.stderr); sys.exit(2)"
DIES = f"{WAITS}sys.exit(1)"
SPEC = Spec(steps=(KeepLayers(count=3),))


@pytest.fixture
def jobs(store: Store) -> Iterator[ExportJobs]:
    made = ExportJobs(store.home)
    yield made
    made.close()


def command(monkeypatch: pytest.MonkeyPatch, go: Path, code: str) -> None:
    """Let an export be made by this code, once nobody holds the lock `go`."""

    def made(self: ExportJobs, run_id: str, kind: Kind) -> list[str]:
        content = json.dumps(replace(EXPORTED, kind=kind, run=run_id).to_json())
        return [sys.executable, "-c", code, str(go), str(self.folder(run_id, kind)), content]

    monkeypatch.setattr(ExportJobs, "command", made)


def test_an_export_is_made_and_stays(jobs: ExportJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, tmp_path / "go", WRITES)
    assert jobs.state("x", "onnx") is None
    with FileLock(tmp_path / "go"):
        jobs.start("x", "onnx")
        jobs.start("x", "onnx")
        assert isinstance(jobs.state("x", "onnx"), Making)
    until(lambda: isinstance(jobs.state("x", "onnx"), Ready))
    again = ExportJobs(jobs.home).state("x", "onnx")
    assert isinstance(again, Ready)
    assert again.facts == replace(EXPORTED, run="x")
    assert jobs.state("x", "onnx-int8") is None


@pytest.mark.parametrize(("code", "words"), [(REFUSES, "agreement is 12 %"), (DIES, ENDED)])
def test_a_refusal_stays_until_it_is_tried_again(
    jobs: ExportJobs, code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(monkeypatch, tmp_path / "go", code)
    jobs.start("x", "onnx")
    until(lambda: jobs.state("x", "onnx") == Refused(words))
    with FileLock(tmp_path / "go"):
        jobs.start("x", "onnx")
        assert isinstance(jobs.state("x", "onnx"), Making)


def test_only_some_may_wait(jobs: ExportJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, tmp_path / "go", WRITES)
    monkeypatch.setattr(export_jobs, "MOST_WAITING", 1)
    with FileLock(tmp_path / "go"):
        jobs.start("x", "onnx")
        with pytest.raises(SpecError, match="1 exports wait already"):
            jobs.start("y", "onnx")


def opened(run: str) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["compare"] = run
    test.run()
    return test.switch_page("pages/runs.py").run()


def test_the_panel_shows_each_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, tmp_path / "go", WRITES)
    run = finished(SPEC)
    folder = Store().student_folder(run)
    test = opened(run)
    assert not [radio for radio in test.radio if radio.key == f"export-kind-{run}"]  # its student is not on disk
    folder.mkdir(parents=True)
    test = opened(run)
    test.radio(key=f"export-kind-{run}").set_value("onnx-int8").run()
    with FileLock(tmp_path / "go"):
        test.button(key=f"export-{run}-onnx-int8").click().run()
        assert "ONNX, 8 bits is being made and measured" in all_words(test)
    until(lambda: "Agreement with the student" in metrics(test.run()))
    assert metrics(test)["Agreement with the student"] == "99.0 %"
    assert "A note." in all_words(test)
    command(monkeypatch, tmp_path / "go", REFUSES)
    test.radio(key=f"export-kind-{run}").set_value("onnx").run()
    test.button(key=f"export-{run}-onnx").click().run()
    until(lambda: "Not exported: agreement is 12 %" in all_words(test.run()))
    assert not test.exception


def test_without_the_packages_the_panel_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(SPEC)
    Store().student_folder(run).mkdir(parents=True)
    monkeypatch.setattr("ui.runs.export_panel.export_is_here", lambda: False)
    test = opened(run)
    assert "pip install -r requirements-export.txt" in all_words(test)
    test.radio(key=f"export-kind-{run}").set_value("huggingface").run()
    assert test.button(key=f"export-{run}-huggingface")
