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
from labcore.config.steps import KeepLayers, Quantise
from labcore.export import export_jobs
from labcore.export.export_jobs import ENDED, ExportJobs, Making, Ready, Refused, Wanted
from labcore.export.exported_page import PAGE, ExportedPage, PageChoice
from labcore.runs.store import Store
from tests.shared.exported import EXPORTED
from tests.shared.pages import APP, PATIENCE, all_words, metrics
from tests.shared.runs import finished, until

WAITS = "import sys; from pathlib import Path; from filelock import FileLock; FileLock(sys.argv[1]).acquire()\n"
WRITES = f"{WAITS}out = Path(sys.argv[2]); out.mkdir(parents=True); (out / 'export.json').write_text(sys.argv[3])"
REFUSES = f"{WAITS}print('noise', file=sys.stderr); print('error: agreement is 12 %', file=sys.stderr); sys.exit(2)"
PAGE_FACTS = {"format": 1, "bytes": 4_000_000, "models": [{}]}
WRITES_A_PAGE = (
    f"{WAITS}out = Path(sys.argv[2]); (out / 'student').mkdir(parents=True); "
    "(out / 'student' / 'export.json').write_text(sys.argv[3]); "
    f"(out / 'page.json').write_text({json.dumps(PAGE_FACTS)!r})"
)
DIES = f"{WAITS}sys.exit(1)"
SPEC = Spec(steps=(KeepLayers(count=3),))


@pytest.fixture
def jobs(store: Store) -> Iterator[ExportJobs]:
    made = ExportJobs(store.home)
    yield made
    made.close()


def command(monkeypatch: pytest.MonkeyPatch, go: Path, code: str) -> None:
    """Let an export be made by this code, once nobody holds the lock `go`."""

    def made(self: ExportJobs, run_id: str, wanted: Wanted) -> list[str]:
        kind = EXPORTED.kind if isinstance(wanted, PageChoice) else wanted
        content = json.dumps(replace(EXPORTED, kind=kind, run=run_id).to_json())
        return [sys.executable, "-c", code, str(go), str(self.folder(run_id, wanted)), content]

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


def test_a_damaged_export_is_made_again(jobs: ExportJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, tmp_path / "go", WRITES)
    damaged = jobs.folder("x", "onnx")
    damaged.mkdir(parents=True)
    (damaged / "export.json").write_text("{")
    assert isinstance(jobs.state("x", "onnx"), Refused)
    jobs.start("x", "onnx")
    until(lambda: isinstance(jobs.state("x", "onnx"), Ready))


@pytest.mark.parametrize(
    ("page", "name", "arguments"),
    [
        (PageChoice(), "page", ["--to", "page"]),
        (
            PageChoice("onnx-int8", beside_teacher=True),
            "page-onnx-int8-teacher",
            ["--to", "page", "--weights", "onnx-int8", "--beside-teacher"],
        ),
    ],
)
def test_a_page_is_an_export_by_what_it_has(
    jobs: ExportJobs, page: PageChoice, name: str, arguments: list[str]
) -> None:
    assert jobs.folder("x", page) == jobs.home / "runs" / "x" / "exports" / name
    [_, _, _, _, *command] = jobs.command("x", page)
    assert command == ["export", "x", *arguments, "--out", str(jobs.folder("x", page)), "--home", str(jobs.home)]


def test_what_is_being_made_is_of_one_run(jobs: ExportJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, tmp_path / "go", WRITES_A_PAGE)
    with FileLock(tmp_path / "go"):
        jobs.start("x", PageChoice())
        assert jobs.making("x") == PageChoice()
        assert jobs.making("y") is None
    until(lambda: isinstance(jobs.state("x", PageChoice()), Ready))
    assert jobs.making("x") is None
    ready = jobs.state("x", PageChoice())
    assert isinstance(ready, Ready)
    assert ready.facts == ExportedPage(replace(EXPORTED, run="x"), None, 4_000_000)
    (ready.folder / "page.json").write_text('{"format": 1}', encoding="utf-8")
    damaged = jobs.state("x", PageChoice())
    assert isinstance(damaged, Refused)
    assert "not the facts of a page" in damaged.words


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


def test_the_panel_makes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, tmp_path / "go", WRITES_A_PAGE)
    run = finished(SPEC)
    Store().student_folder(run).mkdir(parents=True)
    test = opened(run)
    test.radio(key=f"export-kind-{run}").set_value(PAGE).run()
    assert test.radio(key=f"export-weights-{run}").value == "onnx"
    test.radio(key=f"export-weights-{run}").set_value("onnx-4bit").run()
    test.checkbox(key=f"export-beside-{run}").check().run()
    with FileLock(tmp_path / "go"):
        test.button(key=f"export-{run}-page-onnx-4bit-teacher").click().run()
        assert "Web page is being made and measured" in all_words(test)
        again = opened(run)  # another browser sees what is being made
        assert again.radio(key=f"export-weights-{run}").value == "onnx-4bit"
        assert again.checkbox(key=f"export-beside-{run}").value is True
    until(lambda: "A browser loads" in metrics(test.run()))
    assert metrics(test)["A browser loads"] == "4.0 MB"
    assert "python -m http.server" in all_words(test)
    test.checkbox(key=f"export-beside-{run}").uncheck().run()
    assert test.button(key=f"export-{run}-page-onnx-4bit")
    assert not test.exception


def test_a_student_of_low_bits_keeps_its_grid_in_a_page() -> None:
    run = finished(replace(SPEC, steps=(KeepLayers(count=3), Quantise(bits=4))))
    Store().student_folder(run).mkdir(parents=True)
    test = opened(run)
    kinds = test.radio(key=f"export-kind-{run}").options
    assert kinds == ["ONNX", "ONNX, its own grid", "Hugging Face folder", "Web page"]
    test.radio(key=f"export-kind-{run}").set_value(PAGE).run()
    assert test.radio(key=f"export-weights-{run}").options == ["Its own grid", "32 bits, the same values"]
    assert test.button(key=f"export-{run}-page")
    test.radio(key=f"export-weights-{run}").set_value("onnx").run()
    assert test.button(key=f"export-{run}-page-onnx")


def test_without_the_packages_the_panel_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(SPEC)
    Store().student_folder(run).mkdir(parents=True)
    monkeypatch.setattr("ui.runs.export_panel.export_is_here", lambda: False)
    test = opened(run)
    for form in ("onnx", PAGE):
        test.radio(key=f"export-kind-{run}").set_value(form).run()
        assert "pip install -r requirements-export.txt" in all_words(test)
    test.radio(key=f"export-kind-{run}").set_value("huggingface").run()
    assert test.button(key=f"export-{run}-huggingface")
