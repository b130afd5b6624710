"""The page Data in Chromium: what two quick presses do, what a reload keeps, and an error that is brought into view."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from labcore.data.own.data_store import all_data_sets
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from tests.shared.browser import SIZES, at_rest, browsing, in_view, serving
from tests.shared.full import first
from tests.shared.parcels import kept_data, own_csv
from tests.shared.source_files import ROOT

pytestmark = pytest.mark.timeout(400)

# Notes whether the button that begins a fine-tuning takes a press in the frame in which it appears.
WATCH = """() => new MutationObserver((_, watch) => {
  const button = document.querySelector(".st-key-make button")
  if (!button) return
  window.atFirst = getComputedStyle(button).pointerEvents
  watch.disconnect()
}).observe(document.body, { childList: true, subtree: true })"""


TAKES_PRESSES = "getComputedStyle(document.querySelector('.st-key-make button')).pointerEvents === 'auto'"


@pytest.mark.parametrize("motion", first(1, ["no-preference", "reduce"]))
def test_from_a_file_to_a_data_set_with_a_reload_and_two_presses(motion: str, tmp_path: Path) -> None:
    """F5 keeps the file; a second press after *Keep this data set* begins no fine-tuning."""
    file = tmp_path / "parcels.csv"
    file.write_text(own_csv(), encoding="utf-8")
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(Store().home)) as url, browsing(1280, 800) as page:
        page.emulate_media(reduced_motion=motion)
        page.goto(f"{url}/data")
        at_rest(page)
        page.locator("input[type=file]").first.set_input_files(file)
        expect(page.get_by_text("The first 20 of 240 rows")).to_be_visible()
        expect(page).to_have_url(re.compile("draft="))
        page.reload()
        expect(page.get_by_text("The first 20 of 240 rows")).to_be_visible()
        keep = page.get_by_role("button", name="Keep this data set")
        expect(keep).to_be_enabled()
        at_rest(page)
        page.evaluate(WATCH)
        keep.click()
        page.wait_for_function("() => window.atFirst !== undefined")
        assert page.evaluate("() => window.atFirst") == "none"
        page.wait_for_function(f"() => {TAKES_PRESSES}")  # a rerun may draw it again, and then it waits again
        [kept] = all_data_sets()
        assert kept.rows == 240
        assert "draft=" not in page.url
        assert TeacherStore().all() == []
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize(("width", "height"), first(1, SIZES))
def test_why_a_teacher_is_not_taken_is_in_view(width: int, height: int, tmp_path: Path) -> None:
    task, shelf = kept_data(), tmp_path / "shelf"
    (shelf / "model").mkdir(parents=True)
    (shelf / "model" / "config.json").write_text("{}", encoding="utf-8")
    home = str(Store().home)
    with (
        serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=home, LAB_TEACHERS=str(shelf)) as url,
        browsing(width, height) as page,
    ):
        page.goto(f"{url}/data?data={task}")
        at_rest(page)
        page.get_by_role("tab", name="Bring a teacher").click()
        examine = page.get_by_role("button", name="Examine it")
        expect(examine).to_be_enabled()
        at_rest(page)
        page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
        examine.evaluate("button => button.click()")  # without scrolling there
        refused = page.locator(".st-key-bring-refused")
        expect(refused).to_contain_text("Not taken")
        in_view(page, refused)
    assert "Traceback" not in (tmp_path / "log").read_text()
