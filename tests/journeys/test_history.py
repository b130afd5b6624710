"""The browser's history: one entry for each page, however often its address changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.shared.browser import browsing, go_to, serving, settled
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.full]


def entries(page: Page) -> int:
    length: int = page.evaluate("window.history.length")
    return length


def move(page: Page, name: str) -> None:
    """Move a slider by a step, and wait until the address holds it."""
    before = page.url
    page.get_by_role("slider", name=name).press("ArrowRight")
    page.wait_for_url(lambda url: url != before)
    settled(page)


def test_a_moved_slider_adds_no_entry_and_back_leads_to_the_page_before(tmp_path: Path) -> None:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(tmp_path / "lab")) as url, browsing() as page:
        page.goto(url)
        settled(page)
        page.wait_for_url(re.compile("spec="))
        first = entries(page)
        go_to(page, "distil")
        page.wait_for_url(re.compile(r"/distil\?"))
        settled(page)
        assert entries(page) == first + 1
        for _ in range(3):
            move(page, "Hard weight")
        assert entries(page) == first + 1
        moved = page.get_by_role("slider", name="Hard weight").input_value()
        page.go_back()
        expect(page.get_by_role("heading", level=1, name="Shrink")).to_be_visible()
        page.wait_for_url(lambda address: "/distil" not in address)
        settled(page)
        page.go_forward()
        expect(page.get_by_role("slider", name="Hard weight")).to_have_value(moved)
