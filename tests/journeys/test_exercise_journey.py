"""The exercise in Chromium, from a link to a graded submission: the real teacher, on a few of its examples."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.shared.browser import FEWER, MINUTE, browsing, choose, serving, settled
from tests.shared.source_files import ROOT

STUDENTS = {
    "A": ("Heavy", 7_331_330),
    "B": ("Narrow, initialised from the teacher", 4_341_698),
    "C": ("Tiny, initialised from the teacher", 2_296_450),
}
REASON = (
    "I take C because it has a tenth of the parameters of its teacher. "
    "After so short a training none of the three is significantly better."
)

COUNTER = """
def count_parameters(model):
    each = list(model.parameters())
    return {
        "total": sum(p.numel() for p in each),
        "trainable": sum(p.numel() for p in each if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in each),
    }
"""

pytestmark = [pytest.mark.timeout(900), pytest.mark.long]


def take(page: Page, slot: str, student: str) -> None:
    choose(page, page.get_by_role("combobox", name=re.compile(f"Student {slot}")), student)
    settled(page)


def take_the_three_students(page: Page) -> None:
    """Three students, of those that are ready."""
    page.get_by_role("button", name="Begin the exercise").click()
    for slot, (student, _) in STUDENTS.items():
        expect(page.get_by_role("combobox", name=re.compile(f"Student {slot}"))).to_be_visible()
        take(page, slot, student)


def count_with_a_function(page: Page, folder: Path) -> None:
    """The command that the page shows is run on a function of one's own; its line is pasted, a damaged one first."""
    command = page.get_by_text(re.compile(r"grade mine\.py --attempt")).first.inner_text().split()
    mine = folder / "mine.py"
    mine.write_text(COUNTER)
    grader = [sys.executable, "-m", "labcore", "grade", str(mine), "--attempt", command[-1]]
    out = subprocess.run(grader, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    line = out.splitlines()[-1]
    field = page.get_by_role("textbox", name="Paste the line here")
    for text, words in ((line[:-1], "it is no counting line"), (line, "Predict the best trade-off")):
        field.fill(text)
        field.press("Enter")
        settled(page)
        expect(page.get_by_text(words).first).to_be_visible()


def predict_and_run(page: Page) -> None:
    """A short training, a prediction, then the runs, whose results wait for all three. A refresh loses nothing."""
    page.get_by_role("slider", name=re.compile("^Training of all three")).press("Home")  # 50 steps
    settled(page)
    choices = page.get_by_role("radiogroup", name="Which will be the best trade-off?")
    choices.get_by_role("radio", name="C").click()
    page.get_by_role("button", name="Run the three students").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_text("waits for the three results")).to_be_visible()
    expect(page.get_by_text("5 · Choose, and explain why")).to_be_visible()
    frontier = page.locator(".lab-chart[aria-label^='Accuracy against parameters']")
    expect(frontier).to_have_attribute("data-state", "ready", timeout=8 * MINUTE)


def choose_and_submit(page: Page, folder: Path) -> tuple[Path, Path]:
    """A choice with its reason, a name, and the files: the submission and the report."""
    page.get_by_role("radiogroup", name="Which student do you choose?").get_by_role("radio", name="C").click()
    settled(page)
    page.get_by_role("textbox", name=re.compile("^Why")).fill(REASON)
    page.get_by_role("textbox", name=re.compile("^Why")).press("Control+Enter")
    name = page.get_by_role("textbox", name=re.compile("^Your name"))
    name.fill("Ada Lovelace")
    name.press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your submission").click()
    submitted = folder / "class" / download.value.suggested_filename
    submitted.parent.mkdir()
    download.value.save_as(submitted)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download a report to read").click()
    report = folder / "report.html"
    download.value.save_as(report)
    attempt = json.loads(submitted.read_text())["attempt"]
    assert attempt["id"] not in page.url  # the address is the way back to the attempt, and is not in the file
    return submitted, report


def open_the_report(report: Path) -> None:
    """The report opens by itself, small, with its chart drawn and the students compared in pairs."""
    assert report.stat().st_size < 100_000
    with browsing() as page:
        page.set_content(report.read_text(encoding="utf-8"))
        expect(page.get_by_role("img", name="Accuracy against parameters")).to_be_visible()
        expect(page.get_by_text("by McNemar’s test")).to_be_visible()
        expect(page.get_by_text(REASON)).to_be_visible()


def submit_a_cheat(submitted: Path) -> None:
    """The same file with a typed-in accuracy, beside it."""
    cheat = json.loads(submitted.read_text())
    cheat["attempt"] |= {"name": "Eve", "id": "0" * 16, "reason": " ".join(f"word{i}" for i in range(20))}
    cheat["figures"]["students"][2]["accuracy"] = 0.99
    (submitted.parent / "eve.json").write_text(json.dumps(cheat))


def grade(folder: Path, environment: dict[str, str]) -> dict[str, dict[str, str]]:
    """The grader trains the same students in another home. The rows of its table, by name."""
    command = [sys.executable, "-m", "labcore", "grade", str(folder / "class"), "--home", str(folder / "grader")]
    command += ["--key", str(folder / "lab" / "exercise.key")]
    graded = subprocess.run(
        [*command, "--csv", str(folder / "grades.csv")],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert graded.returncode == 1, graded.stderr
    return {row["name"]: row for row in csv.DictReader((folder / "grades.csv").open())}


def test_from_a_link_to_the_grade(tmp_path: Path) -> None:
    environment = {"LAB_HOME": str(tmp_path / "lab"), "PYTHONPATH": FEWER}
    with serving(ROOT / "app.py", tmp_path / "log", **environment) as url, browsing() as page:
        page.goto(f"{url}/exercise")
        take_the_three_students(page)
        count_with_a_function(page, tmp_path)
        predict_and_run(page)
        submitted, report = choose_and_submit(page, tmp_path)
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert submitted.name == "ada-lovelace.json"
    open_the_report(report)

    # The file passes, but not one with a typed-in accuracy.
    submit_a_cheat(submitted)
    rows = grade(tmp_path, environment)
    assert rows["Eve"]["grade"] == "failed"
    assert rows["Eve"]["check: accuracy"] == rows["Eve"]["check: signature"] == "failed"
    assert (rows["Eve"]["check: original"], rows["Ada Lovelace"]["check: original"]) == ("flagged", "")
    assert {rows["Ada Lovelace"][f"check: {name}"] for name in ("own counts", "signature", "prediction")} == {"passed"}
    assert {rows["Ada Lovelace"]["check: accuracy"], rows["Ada Lovelace"]["check: counts"]} == {"passed"}
    assert rows["Ada Lovelace"]["grade"] in ("passed", "flagged")  # flagged where chance made C a dominated choice
    assert rows["Ada Lovelace"]["accuracy C"] == rows["Eve"]["accuracy C"] != "0.9900"
