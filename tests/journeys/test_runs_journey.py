"""The page Runs in Chromium: pick by table, field and tree; compare; download; delete, and undo."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.runs.store import Store
from tests.shared.browser import ONE_TRY, PATIENCE, SIZES, at_rest, browsing, choose, serving
from tests.shared.runs import finished
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.full]

THREE, RANK = Spec(steps=(KeepLayers(count=3),)), Spec(steps=(KeepLayers(count=3), Factorise(64)))


@pytest.fixture
def runs() -> tuple[str, str]:
    return finished(THREE, 0.8), finished(RANK, 0.7)


@pytest.fixture
def lab(runs: tuple[str, str], tmp_path: Path) -> Iterator[str]:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(Store().home)) as url:
        yield url
    assert "Traceback" not in (tmp_path / "log").read_text()


def pick_in_tree(page: Page, label: str, then: str) -> None:
    """Choose a student of the tree as a keyboard does: by its button, until the page has the heading `then`.

    A second press of the same point changes nothing, so a press that a rerun swallowed can be made again.
    """
    point = page.locator(".lab-chart[aria-label^='A tree']").get_by_role("button", name=re.compile(label)).first
    heading = page.get_by_role("heading", name=then, exact=True)
    deadline = time.monotonic() + PATIENCE / 1000
    while not heading.is_visible():
        assert time.monotonic() < deadline, f"no heading {then}"
        at_rest(page)
        point.press("Enter")
        with suppress(PlaywrightTimeout):
            heading.wait_for(timeout=ONE_TRY)
    at_rest(page)


def test_two_runs_are_compared_one_is_deleted_and_comes_back(lab: str, runs: tuple[str, str]) -> None:
    """On a phone."""
    width, height = SIZES[1]
    with browsing(width, height) as page:
        page.goto(f"{lab}/runs")
        at_rest(page)
        choose(page, page.get_by_role("combobox", name=re.compile("Shown below")), "3 layers")
        page.keyboard.press("Escape")  # the list stays open for a second choice
        expect(page.get_by_role("heading", name="3 layers", exact=True)).to_be_visible()
        pick_in_tree(page, "70.0 %", "Side by side")
        page.wait_for_url(re.compile("compare="))
        page.reload()  # the address holds what is compared
        at_rest(page)
        expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
        expect(page.locator(".lab-chart[aria-label^='Curves against steps']")).to_be_visible()
        with page.expect_download() as download:
            page.locator(".st-key-json-compared").get_by_role("button").click()
        data = json.loads(download.value.path().read_text(encoding="utf-8"))
        assert {each["run"] for each in data["runs"]} == set(runs)

        pick_in_tree(page, "70.0 %", "3 layers")  # out again
        page.get_by_role("button", name="Delete").press("Enter")
        expect(page.get_by_text("1 of 1 designs, 1 runs.")).to_be_visible()
        assert [run.id for run in Store().runs()] == [runs[1]]
        at_rest(page)
        page.get_by_role("button", name="Undo").press("Enter")
        expect(page.get_by_text("2 of 2 designs, 2 runs.")).to_be_visible()
        assert {run.id for run in Store().runs()} == set(runs)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
