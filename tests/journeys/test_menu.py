"""In Chromium: the menu of pages, wide and on a phone, and an old address on a server that has just started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from labcore.config.spec import Spec
from labcore.config.steps import Factorise
from labcore.guide.pages import PAGES, groups
from tests.shared.browser import browsing, go_to, serving, settled
from tests.shared.full import first
from tests.shared.source_files import ROOT

OLD_NAME = "judge"
SPEC = Spec(steps=(Factorise(48),))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(tmp_path)) as url:
        yield url


def test_an_old_address_forwards_on_a_server_that_has_just_started(lab: str) -> None:
    with browsing() as page:
        page.goto(f"{lab}/{OLD_NAME}?spec={quote(SPEC.to_json())}")
        expect(page.get_by_role("heading", name="Evaluate the student")).to_be_visible()
        page.wait_for_url("**/evaluate?*")
        settled(page)
        expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's “Page not found”
        assert Spec.from_json(parse_qs(urlsplit(page.url).query)["spec"][0]) == SPEC


@pytest.mark.parametrize("width", first(1, [390, 1280]))
def test_the_menu_leads_to_every_page(lab: str, width: int) -> None:
    with browsing(width, 900) as page:
        page.goto(lab)
        for info in PAGES[1:]:
            go_to(page, info.name)
            expect(page.get_by_role("heading", level=1, name=info.title)).to_be_visible()
            expect(page).to_have_title(f"{info.label} · Teacher–Student Lab")
            expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)  # the menu closes
            settled(page)
        go_to(page, "start")
        expect(page.get_by_role("heading", level=1, name=PAGES[0].title)).to_be_visible()


@pytest.mark.parametrize("width", first(1, [800, 390, 1280]))
def test_all_groups_are_visible_at_every_width(lab: str, width: int) -> None:
    with browsing(width, 800) as page:
        page.goto(lab)
        menu = page.locator(".st-key-menu")
        expect(menu.get_by_role("link", name="Start")).to_be_visible()
        for group in filter(None, groups()):
            button = menu.get_by_role("button", name=group)
            expect(button).to_be_visible()
            box = button.bounding_box()
            assert box is not None
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", first(1, [390, 1280]))
def test_a_person_chooses_between_light_and_dark(lab: str, width: int) -> None:
    """The browser's system is light here, and the choice outlives a reload."""
    with browsing(width, 800) as page:
        page.goto(lab)
        settled(page)
        menu = page.get_by_role("button", name="Main menu")
        box = menu.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width  # the header is no wider than the window
        menu.click()
        page.get_by_role("menuitemradio", name="Dark").click()
        app = page.get_by_test_id("stApp")
        expect(app).to_have_css("color-scheme", "dark")
        page.reload()
        expect(app).to_have_css("color-scheme", "dark")
