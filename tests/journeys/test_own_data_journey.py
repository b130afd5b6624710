"""From a file to a student on the frontier, and from a RoBERTa's folder to a student, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.renamed_teachers import bring
from labcore.data.own.data_store import all_data_sets
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.own_teachers import OwnTeacher
from tests.shared.brought_teachers import change_tensors, configure
from tests.shared.browser import FEWER, MINUTE, SIZES, at_rest, browsing, choose, follow, serving
from tests.shared.parcels import own_rows
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(900), pytest.mark.full]

FEW = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "256", "LAB_FEWER_OTHERS": "240"}
RUN = 6 * MINUTE  # a short training on a busy machine
LAST = ("classifier.out_proj.weight", "classifier.out_proj.bias")  # whose rows are the labels


def a_file(folder: Path) -> Path:
    """A spreadsheet's export: semicolons, cp1252, and a column beside the label that looks more like one."""
    lines = ["Kanal;Text;Größe"]
    lines += [f"{'web' if i % 2 else 'post'};{text} – très;{label}" for i, (text, label) in enumerate(own_rows(240))]
    path = folder / "pakete.csv"
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def number(page: Page, name: str, value: str) -> None:
    field = page.get_by_role("spinbutton", name=name)
    field.fill(value)
    field.press("Enter")
    at_rest(page)


def the_only_teacher() -> OwnTeacher:
    [teacher] = TeacherStore().all()
    return teacher


def test_from_a_file_to_a_student_on_the_frontier(tmp_path: Path) -> None:
    """On a phone."""
    home = str(Store().home)
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=home) as url, browsing(*SIZES[1]) as page:
        page.goto(f"{url}/data")
        at_rest(page)
        page.locator("input[type=file]").first.set_input_files(a_file(tmp_path))
        label = page.get_by_role("combobox", name=re.compile("Label"))
        expect(page.get_by_text("The first 20 of 240 rows")).to_be_visible()
        expect(page.get_by_text("Read as CSV or TSV · cp1252 · semicolon")).to_be_visible()
        choose(page, label, "Größe")  # the guess was the column `Kanal`
        expect(page.get_by_role("button", name="Keep this data set")).to_be_enabled()
        at_rest(page)
        page.get_by_role("button", name="Keep this data set").press("Enter")
        expect(page.get_by_text("This task has no teacher yet.")).to_be_visible()
        [kept] = all_data_sets()
        assert (kept.rows, kept.label_names) == (240, ("complaint", "praise", "question"))

        page.get_by_text("More settings").click()
        number(page, "Epochs", "2")
        page.get_by_role("button", name="Make a teacher", exact=True).press("Enter")
        expect(page.get_by_role("button", name="Design a student")).to_be_in_viewport(timeout=RUN)
        teacher = the_only_teacher()
        assert teacher.status == "ready"
        follow(page, page.get_by_role("button", name="Design a student"), re.compile("/design"))
        expect(page.get_by_role("button", name="Distil this student")).to_be_enabled()
        follow(page, page.get_by_role("button", name="Distil this student"), re.compile("/distil"))
        page.get_by_role("button", name="Distil", exact=True).press("Enter")
        expect(page.get_by_role("button", name="See it on the frontier")).to_be_visible(timeout=RUN)
        follow(page, page.get_by_role("button", name="See it on the frontier"), re.compile("/frontier"))
        download = page.get_by_role("button", name="Download the student")
        with page.expect_download() as saved:
            download.press("Enter")
        assert Path(saved.value.path()).stat().st_size > 1_000_000
    assert [run.spec.task for run in Store().finished_runs()] == [kept.task]
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_from_a_roberta_to_a_student(tmp_path: Path) -> None:
    """Its labels are numbers in the other order: the match is proposed, shown, and taken."""
    folder, home, shelf = tmp_path / "shelf" / "roberta", str(Store().home), str(tmp_path / "shelf")
    bring("roberta", folder)
    configure(folder, id2label={0: "LABEL_0", 1: "LABEL_1"}, label2id={"LABEL_0": 0, "LABEL_1": 1})
    change_tensors(folder, lambda tensors: tensors | {name: tensors[name].flip(0) for name in LAST})
    with (
        serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=home, LAB_TEACHERS=shelf, **FEW) as url,
        browsing(*SIZES[0]) as page,
    ):
        page.goto(f"{url}/data?data=reviews")
        at_rest(page)
        page.get_by_role("tab", name="Bring a teacher").click()
        page.get_by_role("button", name="Examine it").press("Enter")
        expect(page.get_by_text("do not show which is which")).to_be_visible()
        page.get_by_role("button", name="Take this teacher").press("Enter")
        design = page.locator("[class*=st-key-teacher-roberta]").get_by_role("button", name="Design a student")
        expect(design).to_be_visible()
        teacher = the_only_teacher()
        assert teacher.order == (1, 0)
        follow(page, design, re.compile("/design"))
        expect(page.get_by_role("button", name="Distil this student")).to_be_enabled()
        follow(page, page.get_by_role("button", name="Distil this student"), re.compile("/distil"))
        page.get_by_role("button", name="Distil", exact=True).press("Enter")
        expect(page.get_by_role("button", name="Evaluate it")).to_be_visible(timeout=RUN)
    [run] = Store().finished_runs()
    assert run.spec.teacher == teacher.name
    assert run.result.teacher_accuracy > 0.8
    assert "Traceback" not in (tmp_path / "log").read_text()
