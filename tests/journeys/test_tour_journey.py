"""In Chromium: the tour to its end on a real run, the terms of a page, and an assignment by link in a class of two."""

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
from labcore.guide.tour import STEPS
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


def add(page: Page, kind: str) -> None:
    press(page, re.compile("^Add a step"))
    press(page, kind)


def do(page: Page, title: str) -> None:
    """What a step of the tour asks for."""
    match title:
        case "Meet the teacher":
            page.get_by_role("radio", name="Cost").click()
        case "Derive a first student":
            add(page, "Fewer layers")
        case "Count it":
            add(page, "Smaller vocabulary")
        case "Zeros are not smaller":
            add(page, "Sparse")
        case "Two thin matrices for a wide one":
            add(page, "Low rank")
            slider = page.get_by_role("slider", name=re.compile("^Rank of each"))
            for _ in range(32):
                slider.press("ArrowLeft")
        case "Weigh the loss":
            press(page, "Take the tour's student")
            page.get_by_text("More loss terms", exact=True).last.click()
            page.get_by_role("slider", name="Hidden weight").press("ArrowRight")
        case "Distil it":
            page.get_by_role("spinbutton", name="Steps").fill("20")  # a fifth of the tour's training is enough here
            page.get_by_role("spinbutton", name="Steps").press("Enter")
            quiet(page)
            press(page, "Distil")
        case "Agreement is not accuracy":
            box = page.get_by_role("textbox", name="Your text")
            box.fill("A film with one good joke, told four times.")
            box.press("Control+Enter")
        case "Mimics without learning":
            page.get_by_role("textbox", name="Suspected word").fill("thursday")
            press(page, "Test it")
        case "Was it worth having?":
            page.get_by_role("radio", name="arithmetic").click()
        case "The capacity gap":
            page.get_by_role("slider", name=re.compile("^Acceptable loss")).press("ArrowRight")
        case "A teacher that is wrong":
            page.get_by_role("slider", name=re.compile("^Hard weight")).press("ArrowRight")
        case "Now you":
            press(page, "Begin the exercise")
        case _:
            raise AssertionError(f"the journey does not know how to do {title!r}")


@pytest.mark.long
def test_the_tour_to_its_end(lab: str) -> None:
    with browsing() as page:
        page.goto(lab)
        press(page, "Take the tour")
        panel = page.locator(".st-key-tour")
        for number, step in enumerate(STEPS, 1):
            expect(panel).to_contain_text(f"Step {number} of {len(STEPS)} · {step.title}")
            quiet(page)
            there = panel.get_by_role("button", name="Take me there")
            if there.count():
                there.click()
                expect(there).to_have_count(0)
                quiet(page)
            expect(panel.get_by_role("button", name="Next")).to_be_disabled()
            do(page, step.title)
            if step.title == "Distil it":  # a refresh in the middle loses neither the run nor the place
                page.wait_for_url(re.compile("run="))
                page.reload()
                expect(panel).to_contain_text(f"Step {number} of")
            expect(panel).to_contain_text("Done.", timeout=15 * MINUTE)
            page.wait_for_url(lambda url, at=number: parse_qs(urlsplit(url).query).get("tour") == [str(at)])
            panel.get_by_role("button", name="Next").click()
        expect(panel).to_contain_text("That was the chapter")
        panel.get_by_role("button", name="Leave the tour").click()
        expect(panel).to_have_count(0)


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
