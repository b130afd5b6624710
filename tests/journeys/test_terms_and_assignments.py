"""In Chromium: the terms of a page, the symbols of a formula, and an assignment by link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from labcore.config.assignment import Assignment
from labcore.config.loss_terms import HARD, SOFT
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.views.palette import readable, rgb
from tests.shared.assignments import ASSIGNMENT
from tests.shared.browser import MINUTE, browsing, go_to, serving
from tests.shared.source_files import ROOT

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("lab")
    with serving(ROOT / "app.py", home / "log", LAB_HOME=str(home)) as url:
        yield url
    assert "Traceback" not in (home / "log").read_text()


def quiet(page: Page) -> None:
    """Wait until the page is drawn: the first page loads torch, a shortcut test reads two thousand examples."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=5 * MINUTE)


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name, exact=isinstance(name, str)).click()
    quiet(page)


def test_a_word_opens_by_keyboard_and_all_are_searched(lab: str) -> None:
    with browsing(390, 900) as page:
        page.goto(f"{lab}/distil")
        word = page.get_by_role("button", name="temperature", exact=True)
        word.focus()
        quiet(page)
        word.press("Enter")
        expect(page.get_by_text("The number that divides the logits before the softmax")).to_be_visible()
        page.keyboard.press("Escape")
        press(page, re.compile("Glossary"))
        box = page.get_by_role("dialog").get_by_role("textbox", name="Search")
        box.fill("agreement")
        box.press("Enter")
        expect(page.get_by_role("dialog").get_by_text("It is not accuracy")).to_be_visible()
        expect(page.get_by_role("dialog").get_by_text("A low-rank matrix is")).to_have_count(0)


def test_a_symbol_of_the_formula_is_found_by_its_control(lab: str) -> None:
    with browsing() as page:
        page.goto(f"{lab}/distil")
        quiet(page)

        def number(value: str) -> Locator:
            return page.locator(".st-key-formula .katex-html .mord", has_text=re.compile(f"^{value}$")).last

        hard, soft = (f"rgb{rgb(readable(colour, 'light'))}" for colour in (HARD.colour, SOFT.colour))
        expect(number("0.2")).to_have_css("color", hard)
        expect(number("0.8")).to_have_css("color", soft)
        expect(page.locator(".st-key-hard label p").first).to_have_css("color", hard)
        page.get_by_role("slider", name="Hard weight").focus()
        expect(number("0.2")).to_have_css("color", hard)
        expect(number("0.8")).not_to_have_css("color", soft)  # the rest fades while the slider is held
        expect(number("0.8")).not_to_have_css("color", hard)


def test_an_assignment_by_link(lab: str) -> None:
    spec = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64)), distil=DistilConfig(seed=7))
    assignment = Assignment(
        spec=spec,
        title="How low?",
        text="Move the soft weight.",
        page="distil",
        locked=("distil.hard", "teacher"),
        hidden=("distil.length",),
        large=True,
    )
    with browsing(1280, 720) as page:
        page.goto(f"{lab}/?{ASSIGNMENT}={quote(assignment.to_json())}")
        expect(page.get_by_role("heading", name="Distil the student")).to_be_visible()
        quiet(page)
        bar = page.locator(".st-key-assignment")
        expect(bar).to_contain_text("Move the soft weight.")
        expect(page.get_by_role("slider", name="Hard weight")).to_be_disabled()
        expect(page.get_by_text("Length in")).to_have_count(0)
        expect(page.get_by_role("slider", name="Epochs")).to_have_count(0)
        assert page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)") > 18
        page.get_by_role("slider", name="Soft weight").press("ArrowLeft")
        quiet(page)
        page.wait_for_url(re.compile("0\\.75"))
        page.reload()
        quiet(page)
        expect(bar).to_contain_text("How low?")
        quiet(page)
        expect(page.get_by_role("slider", name="Soft weight")).to_have_value("0.75")
        expect(page.get_by_role("slider", name="Epochs")).to_have_count(0)
        go_to(page, "design")
        expect(page.get_by_role("heading", name="Design a student")).to_be_visible()
        quiet(page)
        expect(bar).to_contain_text("How low?")
        expect(page.locator(".st-key-locked-teacher")).to_be_visible()
        query = parse_qs(urlsplit(page.url).query)
        assert Assignment.from_json(query["lesson"][0]) == assignment
        assert Spec.from_json(query["spec"][0]).distil.soft == 0.75

        browser = page.context.browser
        assert browser is not None
        other = browser.new_page()  # another link is no part of the assignment
        other.goto(f"{lab}/distil")
        expect(other.get_by_role("slider", name="Epochs")).to_be_visible()
        quiet(other)
        expect(other.locator(".st-key-assignment")).to_have_count(0)
        expect(other.locator("[class*=st-key-locked-]")).to_have_count(0)
        other.close()

        press(page, re.compile("Leave the assignment"))
        expect(bar).to_have_count(0)
        page.wait_for_url(lambda url: "lesson" not in parse_qs(urlsplit(url).query))
