"""A search in Chromium, by keyboard: its goal, the front that grows, its result, that student's page, and the rest."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from labcore.config.spec import Spec
from labcore.runs.store import Store
from labcore.search.search_files import SearchFiles
from tests.shared.browser import MINUTE, SIZES, at_rest, browsing, follow, serving
from tests.shared.exported_pages import static_server
from tests.shared.own_task import own_task
from tests.shared.page_exports import downloaded, in_python, typed
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.full]

EXAMPLE = "w1 w2 w3 w4 w5"
STEPS = 1_500  # of the budget; a full training is 12 % of them
FITS = "() => document.scrollingElement.scrollWidth <= innerWidth"


def fill(page: Page, name: str, value: str) -> None:
    field = page.get_by_role("spinbutton", name=re.compile(name))
    field.fill(value)
    field.press("Enter")
    at_rest(page)


def press(page: Page, button: Locator) -> None:
    button.focus()
    page.keyboard.press("Enter")


def grows(page: Page) -> None:
    """Wait until the picture has more designs than now."""
    picture = page.locator(".lab-chart[aria-label*='against size of']").first
    expect(picture).to_have_attribute("data-state", "ready", timeout=2 * MINUTE)
    label = picture.get_attribute("aria-label") or ""
    before = re.search(r"of (\d+) designs", label)
    assert before is not None, label
    expect(picture).not_to_have_attribute("aria-label", re.compile(rf"of {before[1]} designs"), timeout=2 * MINUTE)


def leaves_the_lab(page: Page, folder: Path) -> None:
    """Export the shown student's page, serve it on another port, and compare what it predicts with Python's."""
    [run] = parse_qs(urlsplit(page.url).query)["run"]
    site = downloaded(page, run, folder)
    ids, probabilities = in_python(run, EXAMPLE)
    with static_server(site) as url:
        _, on_page = typed(page, url, EXAMPLE, ids)
        assert on_page == pytest.approx(probabilities, abs=1e-4)


def test_a_search_from_its_goal_to_a_longer_training(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny", title="Class")
    home = Store().home
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(home)) as url, browsing() as page:
        page.goto(f"{url}/search?spec={quote(Spec(own.teacher.name, own.data.task).to_json())}")
        at_rest(page)
        expect(page.get_by_text("No search has begun yet")).to_be_visible()
        expect(page.get_by_text("Class teacher", exact=True)).to_be_visible()
        press(page, page.get_by_role("radio", name="optimiser steps"))
        expect(page.get_by_role("spinbutton", name=re.compile("Optimiser steps"))).to_be_visible()
        fill(page, "Optimiser steps", str(STEPS))
        fill(page, "Points below the teacher", "20")
        expect(page.get_by_text("at most 20 points below its teacher")).to_be_visible()
        press(page, page.get_by_role("button", name="Search", exact=True))

        grows(page)
        press(page, page.get_by_role("button", name="Pause"))
        expect(page.get_by_text("It is paused.").first).to_be_visible()
        [entry] = SearchFiles(home).all()
        assert entry.search.steps == STEPS
        spent = SearchFiles(home).history(entry.id).spent
        press(page, page.get_by_role("button", name="Resume"))
        expect(page.get_by_text("It has finished.").first).to_be_visible(timeout=4 * MINUTE)
        assert SearchFiles(home).history(entry.id).spent > spent

        expect(page.get_by_role("heading", name="Result")).to_be_visible()
        expect(page.get_by_text(re.compile("The probability that it is within 20 points is"))).to_be_visible()
        expect(page.get_by_role("button", name="Distil it longer")).to_be_visible()
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            at_rest(page)
            assert page.evaluate(FITS), width
        address = page.url
        follow(page, page.get_by_role("button", name="Show its run"), re.compile("/evaluate"))
        expect(page.get_by_text("Test accuracy", exact=True).first).to_be_visible()
        leaves_the_lab(page, tmp_path / "elsewhere")
        page.goto(address)
        at_rest(page)
        follow(page, page.get_by_role("button", name="Distil it longer"), re.compile("/distil"))
        expect(page.get_by_role("button", name="Distil", exact=True)).to_be_enabled()
        assert quote(f'"steps":{4 * round(0.12 * STEPS)}', safe="") in page.url.replace("+", "").replace("%20", "")
    assert "Traceback" not in (tmp_path / "log").read_text()
