"""What one acts on and what it changes are in view together, in Chromium, on a small laptop and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Prune
from tests.shared.browser import FEWER, MINUTE, SIZES, at_rest, browsing, in_view, serving, settled
from tests.shared.full import first
from tests.shared.source_files import ROOT

pytestmark = pytest.mark.timeout(600)

SHORT = Spec(steps=(KeepLayers(count=2),), distil=DistilConfig(steps=6, batch_size=8))
ACCURACY = ".lab-chart[aria-label^='Accuracy of the student on']"
LOSS = ".lab-chart[aria-label^='Loss against']"
# Where parts of the page are, from its top, however far it is scrolled.
POSITIONS = """selectors => selectors.map(selector => {
  const box = document.querySelector(selector).getBoundingClientRect()
  return [box.left, box.top + document.querySelector("[data-testid=stMain]").scrollTop]
})"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all, with few examples."""
    home = tmp_path_factory.mktemp("lab")
    fewer = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "64", "LAB_FEWER_OTHERS": "60"}
    with serving(ROOT / "app.py", home / "log", LAB_HOME=str(home), **fewer) as url:
        yield url
    assert "Traceback" not in (home / "log").read_text()


def opened(page: Page, address: str, spec: Spec | None = None) -> None:
    page.goto(address + (f"?spec={quote(spec.to_json())}" if spec else ""))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    at_rest(page)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_run_is_in_view_from_its_button_to_its_curves(lab: str, width: int, height: int) -> None:
    with browsing(width, height) as page:
        opened(page, f"{lab}/distil", SHORT)
        chart = page.locator(ACCURACY)
        expect(chart).to_contain_text("accuracy grows here")  # no empty axes
        parts = [".st-key-formula", ".st-key-hard", ".st-key-distil", ACCURACY, LOSS]
        before = page.evaluate(POSITIONS, parts)
        # From the end of the controls: on a laptop the button has come along, on a phone it follows them.
        page.get_by_text("Batch, learning rate, seed").scroll_into_view_if_needed()
        page.get_by_role("button", name="Distil", exact=True).click()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        bar = page.locator(".st-key-run-bar")
        in_view(page, bar, chart)
        page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
        for (x, y), (x_then, y_then) in zip(page.evaluate(POSITIONS, parts), before, strict=True):
            assert abs(x - x_then) < 8
            assert abs(y - y_then) < 8
        expect(page.locator(".st-key-result")).to_contain_text("Test accuracy", timeout=3 * MINUTE)
        chart.scroll_into_view_if_needed()
        in_view(page, page.locator(".st-key-result"), chart)

        run = re.search(r"run=([^&]+)", page.url)
        assert run
        the_tested_word_is_beside_its_result(page, f"{lab}/evaluate?run={run[1]}")
        a_text_is_predicted_without_a_keyboard(page)


def the_tested_word_is_beside_its_result(page: Page, address: str) -> None:
    """A link at the top leads to the test; Enter and a click run it once; the verdict comes into view."""
    opened(page, address)
    page.get_by_role("link", name="test a word that may mislead it").click()
    field = page.get_by_role("textbox", name="Suspected word")
    field.fill("film")
    field.press("Enter")
    result = page.locator(".st-key-shortcut-result")
    expect(result.get_by_test_id("stAlert")).to_be_visible(timeout=2 * MINUTE)
    in_view(page, field, result)


def a_text_is_predicted_without_a_keyboard(page: Page) -> None:
    """The button does what Ctrl + Enter does."""
    field = page.get_by_role("textbox", name="Your text")
    field.fill("A fine film.")
    page.get_by_role("button", name="Predict").click()
    in_view(page, field, page.locator(".lab-chart[aria-label*='teacher '][aria-label*='; ']").first)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_formula_stays_in_view_while_its_sliders_move(lab: str, width: int, height: int) -> None:
    with browsing(width, height) as page:
        opened(page, f"{lab}/distil", SHORT)
        formula = page.locator(".st-key-formula")
        for key, name, shown in (("hard", "Hard weight", "0.25"), ("soft", "Soft weight", "0.85")):
            slider = page.get_by_role("slider", name=name)
            slider.press("ArrowRight")
            expect(formula).to_contain_text(shown)
            in_view(page, formula, page.locator(f".st-key-{key}"))
        expect(page.get_by_text("The weights add up to 1.1, not to 1.")).to_be_visible()
        page.mouse.move(width / 4, height / 2)
        page.mouse.wheel(0, 150)
        slider = page.get_by_role("slider", name="Temperature τ")
        slider.press("ArrowRight")
        expect(formula).to_contain_text("2.5")
        in_view(page, formula, page.locator(".st-key-temperature"))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_step_is_added_by_keyboard_and_seen_where_it_stands(lab: str, width: int, height: int) -> None:
    with browsing(width, height) as page:
        opened(page, f"{lab}/design", Spec())
        menu = page.get_by_test_id("stPopoverBody")
        for kind, index in (("Sparse", 0), ("Low rank", 0)):
            page.get_by_role("button", name="Add a step").press("Enter")
            first = menu.get_by_role("button", name="Fewer layers")
            expect(first).to_be_focused()
            expect(first).to_be_in_viewport()  # also if the menu is too long to be seen as a whole
            expect(menu).to_contain_text("sets the smallest weights to zero")
            menu.get_by_role("button", name=kind, exact=True).press("Enter")
            expect(menu).to_be_hidden()
            step = page.locator(f".st-key-step-{index}")
            expect(step.get_by_role("combobox", name=f"Step {index + 1}")).to_have_value(kind)
            expect(step.locator(":focus")).to_have_count(1)
            in_view(page, page.locator(".st-key-counts"), step.locator(":focus"))
        expect(page.get_by_text("Put before Sparse")).to_be_visible()
        page.get_by_role("button", name="Add a step").press("Enter")
        expect(menu.get_by_role("button", name="Low rank", exact=True)).to_be_disabled()
        expect(menu).to_contain_text("Not possible here: “Low rank” comes twice")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_step_that_can_not_be_carried_out_says_so_in_its_card(lab: str, width: int, height: int) -> None:
    with browsing(width, height) as page:
        opened(page, f"{lab}/design", Spec(steps=(Factorise(8), Factorise(8))))
        card = page.locator(".st-key-step-1")
        card.scroll_into_view_if_needed()
        expect(card).to_contain_text("This step can't be carried out: “Low rank” comes twice")
        in_view(page, card.get_by_test_id("stAlert"), page.locator(".st-key-refusal"))


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(("name", "key", "chart"), [
    ("capacity", "capacity-distance", "Test accuracy against size"),
    ("mimicry", "mimicry-hard", "Validation accuracy during training"),
])  # fmt: skip
def test_a_slider_is_in_view_with_its_chart(lab: str, name: str, key: str, chart: str, width: int, height: int) -> None:
    with browsing(width, height) as page:
        opened(page, f"{lab}/{name}")
        control = page.locator(f".st-key-{key}")
        control.get_by_role("slider").press("ArrowRight")
        settled(page)
        in_view(page, control, page.locator(f".lab-chart[aria-label^='{chart}']"))


# For each word of code its contrast with the ground that is drawn behind it, as WCAG 2 counts it.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true})
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0)
  const ground = element => {
    const colour = rgba(getComputedStyle(element).backgroundColor)
    return colour[3] === 255 || !element.parentElement ? colour : ground(element.parentElement)
  }
  return [...document.querySelectorAll("[data-testid=stCode] code span")].filter(span => span.innerText.trim())
    .map(span => {
      const [low, high] = [light(rgba(getComputedStyle(span).color)), light(ground(span))].sort((a, b) => a - b)
      return (high + 0.05) / (low + 0.05)
    })
}"""


@pytest.mark.parametrize("theme", first(1, ["light", "dark"]))
def test_code_can_be_read(lab: str, theme: str) -> None:
    with browsing() as page:
        page.emulate_media(color_scheme=theme)
        opened(page, f"{lab}/design", Spec(steps=(Prune(0.5),)))
        page.get_by_text("The spec as a file").click()
        expect(page.get_by_test_id("stCode").locator(".token").first).to_be_visible()
        at_rest(page)
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 20
        assert min(contrasts) >= 4.5
