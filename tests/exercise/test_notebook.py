"""The exercise in a notebook: its calls in order, and `docs/exercise.ipynb` executed for real."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from labcore.config.spec import SpecError
from labcore.exercise.notebook import Exercise, counting_line
from labcore.exercise.signature_check import verifier_for
from labcore.exercise.submission_checks import check_file
from tests.shared.browser import FEWER
from tests.shared.source_files import ROOT

NOTEBOOK = ROOT / "docs" / "exercise.ipynb"
RIGHT = '''def count_parameters(model):
    """Count the parameters of a torch.nn.Module."""
    each = list(model.parameters())
    return {
        "total": sum(p.numel() for p in each),
        "trainable": sum(p.numel() for p in each if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in each),
    }'''
REASON = "I choose B, because it is the smallest of the three, and nothing here shows that it is worse than the others."


@pytest.fixture
def exercise(lab_home: Path) -> Exercise:
    """An attempt with three students."""
    begun = Exercise(steps=2)
    for letter, name in zip("ABC", ("Light", "Fewer words, three layers", "Heavy"), strict=True):
        begun.design(letter, name)
    return begun


def test_a_stage_waits_for_the_earlier_ones_and_says_so(exercise: Exercise, tmp_path: Path) -> None:
    for call, words in (
        (lambda: exercise.predict("B"), "not counted yet; call count"),
        (lambda: exercise.run(), "no prediction yet"),
        (lambda: exercise.results_table(), "no results yet; call run"),
        (lambda: exercise.choose("B", REASON), "no results yet"),
        (lambda: exercise.submit("Ada", tmp_path), "no student is chosen"),
        (lambda: exercise.design("D", "Light"), "the slot is 'D'"),
        (lambda: exercise.design("A", "Lightest"), "no ready student is called 'Lightest'"),
        (lambda: counting_line(lambda model: {}, "x"), "models are counted wrong"),
        (lambda: Exercise(attempt="f" * 16), "no attempt 'ffff"),
        (lambda: Exercise(teacher="bert-base-uncased"), "no weights"),
    ):
        with pytest.raises(SpecError, match=words):
            call()
    assert list(tmp_path.glob("*.json")) == []


def test_an_attempt_goes_on_by_its_id(exercise: Exercise) -> None:
    again = Exercise(attempt=exercise.attempt.id)
    assert again.attempt == exercise.attempt
    assert again.attempt.config.steps == 2


@pytest.mark.full
def test_the_notebook_does_the_exercise_for_real(
    lab_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    assert all(not cell.get("outputs") for cell in book.cells)  # no outputs are stored
    wrong = [cell for cell in book.cells if cell.source.startswith("def count_parameters")]
    edits = {wrong[0].source: RIGHT, "STEPS = 200": "STEPS = 2", "I choose B, because …": REASON, "Your Name": "Zoë 李"}
    for cell in book.cells:
        for old, new in edits.items():
            cell.source = cell.source.replace(old, new)
    monkeypatch.setenv("LAB_HOME", str(lab_home))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([FEWER, *sys.path]))
    (tmp_path / "labcore").symlink_to(ROOT / "labcore")  # as in a copy of the lab, with fewer examples
    nbclient.NotebookClient(book, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = "\n".join(output.get("text", "") for cell in book.cells for output in cell.get("outputs", ()))
    assert "Right: the teacher 22,713,986" in shown
    assert "test accuracy" in shown
    grade = check_file(tmp_path / "exercise.json", "exercise.json", verifier_for(lab_home, None))
    assert {check.outcome for check in grade.checks} == {"passed"}
    assert grade.name == "Zoë 李"
    unknown = check_file(tmp_path / "exercise.json", "exercise.json", verifier_for(tmp_path, None))
    assert {check.outcome for check in unknown.checks} == {"passed", "unverified"}


def test_the_notebook_begins_with_a_function_that_is_wrong() -> None:
    """Whoever only presses *Run all* gets a hint, not a submission."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    [given] = ["".join(cell["source"]) for cell in cells if "".join(cell["source"]).startswith("def count")]
    names: dict[str, object] = {}
    exec(given, names)
    with pytest.raises(SpecError, match="models are counted wrong"):
        counting_line(names["count_parameters"], "x")  # type: ignore[arg-type]
