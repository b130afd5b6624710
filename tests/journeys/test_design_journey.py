"""The whole journey in Chromium, on the real teacher: shrink it, distil it, and find it on the frontier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from labcore.config.presets import SWEEPS
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, Prune
from labcore.guide.pages import NAMES
from tests.shared.browser import FEWER, MINUTE, at_rest, browsing, last_step, serving, settled, until_step
from tests.shared.full import first
from tests.shared.source_files import ROOT

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the journeys, so that the teacher reads its examples once; half of them will do."""
    home = tmp_path_factory.mktemp("lab")
    fewer = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "3000", "LAB_FEWER_OTHERS": "400"}
    with serving(ROOT / "app.py", home / "log", LAB_HOME=str(home), **fewer) as url:
        yield url
    assert "Traceback" not in (home / "log").read_text()


NO_DOUBLE_CLICK = """() => {
  const plot = document.querySelector(".lab-chart[aria-label^='Test accuracy against parameters'] .js-plotly-plot")
  return Date.now() - plot._mouseDownTime > 1.5 * plot._context.doubleClickDelay
}"""


def slide(page: Page, label: str | re.Pattern[str], key: str, times: int = 1) -> None:
    slider = page.get_by_role("slider", name=label)
    for _ in range(times):
        slider.press(key)
    settled(page)


def take_a_layer_away(page: Page) -> None:
    """The counts and the drawing follow a slider."""
    expect(page.get_by_role("heading", name="Design a student")).to_be_visible()
    counts = page.locator(".st-key-counts")
    expect(counts).to_contain_text("7,331,330")  # torch is loaded first
    tower = page.locator(".lab-chart[aria-label*='the student 7.33 M']")
    expect(tower).to_have_attribute("data-state", "ready")
    slide(page, re.compile("^Layers"), "ArrowLeft")
    expect(counts).not_to_contain_text("7,331,330")
    expect(counts).to_contain_text("6,886,466")  # 444,864 parameters, one layer of the half-width student, less
    expect(page.locator(".lab-chart[aria-label*='the student 6.89 M']")).to_have_attribute("data-state", "ready")


def start_a_short_run(page: Page) -> None:
    """A short training run, in the background."""
    page.get_by_role("button", name="Distil this student").click()
    expect(page.get_by_role("heading", name="Distil the student")).to_be_visible()
    settled(page)
    slide(page, "Epochs", "ArrowLeft", times=3)
    page.get_by_role("button", name="Distil", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.wait_for_url(re.compile("run="))


def watch_the_curves_grow(page: Page) -> int:
    """Curves grow, in the same node; a zoom is kept. The last step that was drawn."""
    before = until_step(page, 3, minutes=4)
    plot = page.locator(".lab-chart[aria-label^=Loss] .js-plotly-plot")
    plot.evaluate("node => { node.marked = true; return Plotly.relayout(node, {'yaxis.range': [0, 5]}) }")
    before = until_step(page, before, minutes=1)
    assert plot.evaluate("node => [node.marked, ...node._fullLayout.yaxis.range]") == [True, 0, 5]
    return before


def find_it_again_after_a_refresh(page: Page, before: int) -> None:
    """A refresh in the middle finds the run again, and it has gone on."""
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    until_step(page, before, minutes=1)


def accuracy_at_the_end(page: Page) -> float:
    """It finishes. The accuracy in percent that the page shows."""
    expect(page.locator(".st-key-result")).to_contain_text("Test accuracy", timeout=5 * MINUTE)
    result = page.locator(".st-key-result").inner_text()
    accuracy = float(re.search(r"([\d.]+) %", result)[1])  # type: ignore[index]
    assert 50 < accuracy < 90
    return accuracy


def see_it_on_the_frontier(page: Page, accuracy: float) -> tuple[Locator, list[str]]:
    """Its point is beside the teacher's. The chart, and the names of its traces."""
    page.get_by_role("button", name="See it on the frontier").click()
    frontier = page.locator(".lab-chart[aria-label^='Test accuracy against parameters']")
    expect(frontier).to_have_attribute("data-state", "ready")
    shown = frontier.locator(".js-plotly-plot").evaluate(
        "node => Object.fromEntries(node.data.map(t => [t.name, [t.x, t.y]]))"
    )
    assert len(shown["reference"][0]) == len(SWEEPS["frontier"])  # what ships with the lab is there from the start
    assert shown["student"][0] == [6_886_466]
    assert shown["student"][1][0] == pytest.approx(accuracy / 100, abs=6e-4)
    assert shown["teacher"][0] == [22_713_986]
    assert shown["teacher"][1][0] > 0.8
    return frontier, list(shown)


def click_its_points(page: Page, frontier: Locator, traces: list[str]) -> None:
    """A click on a point shows its details: first the teacher's, then the student's, with its spec."""
    for trace, label, words in (
        ("teacher", "teacher: reviews", "22,713,986 parameters"),
        ("student", "small: 192 wide", "6,886,466"),
    ):
        drawn = frontier.locator(".scatterlayer .trace").nth(traces.index(trace))
        marker = drawn.locator(".point").first.bounding_box()
        assert marker is not None
        centre = marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2
        page.mouse.move(centre[0], centre[1] - 40)
        page.mouse.move(*centre, steps=10)  # as a hand does: one jump is too quick for the chart to notice
        expect(frontier.locator(".hovertext")).to_contain_text(label)
        page.mouse.down()
        page.mouse.up()
        expect(page.get_by_text(words).first).to_be_visible()
        settled(page)
        page.wait_for_function(NO_DOUBLE_CLICK)  # a second click sooner is a double click
    page.get_by_text("Its spec").click()
    expect(page.get_by_text('"kind": "manual"')).to_be_visible()


@pytest.mark.full
def test_from_a_preset_to_the_frontier(lab: str) -> None:
    with browsing() as page:
        page.goto(lab)
        page.get_by_role("button", name="Take heavy").click()
        take_a_layer_away(page)
        start_a_short_run(page)
        before = watch_the_curves_grow(page)
        find_it_again_after_a_refresh(page, before)
        accuracy = accuracy_at_the_end(page)
        frontier, traces = see_it_on_the_frontier(page, accuracy)
        click_its_points(page, frontier, traces)


def test_a_stack_of_steps_is_looked_at_from_every_side(lab: str) -> None:
    with browsing() as page:
        with page.expect_websocket() as socket:
            page.goto(f"{lab}/design?spec={quote(Spec(steps=(KeepLayers(layers=(1, 3, 5)),)).to_json())}")
        expect(page.locator(".st-key-counts")).to_contain_text("17,390,594")
        page.get_by_role("button", name="Keep to compare").click()
        expect(page.locator(".st-key-kept-A")).to_contain_text("76.6 % of the teacher")
        for kind, counts in (("Low rank", "13,409,282"), ("Sparse", "12,745,727")):
            page.get_by_role("button", name="Add a step").click()
            page.get_by_role("button", name=kind, exact=True).click()
            expect(page.get_by_test_id("stPopoverBody")).to_be_hidden()  # its choice is made
            expect(page.locator(".st-key-counts")).to_contain_text(counts)
        settled(page)
        assert len(parse_qs(urlsplit(page.url).query)["with"]) == 1
        for view, chart in (
            ("Step by step", "Parameters by part after each step"),
            ("Inside", "Histogram of the weights"),
            ("Drawing", "Teacher and student as towers"),
        ):
            page.get_by_role("radio", name=view).click()
            drawn = page.locator(f".lab-chart[aria-label^='{chart}']")
            expect(drawn).to_have_attribute("data-state", "ready")
            settled(page)
        towers = drawn.locator(".js-plotly-plot").evaluate("node => node.data.filter(t => t.name).map(t => t.name)")
        assert {"Teacher", "Student", "A"} <= set(towers)
        page.get_by_role("radio", name="Cost").click()
        expect(page.get_by_text("Zeros save no time here")).to_be_visible()
        # A slider that is moved again at once keeps the last move.
        with socket.value.expect_event("framesent"):  # the server has the first move, and has not drawn it
            page.get_by_role("slider", name=re.compile("^Sparsity")).press("ArrowRight")
            page.get_by_role("slider", name=re.compile("^Sparsity")).press("ArrowRight")
        page.get_by_role("slider", name=re.compile("^Sparsity")).press("ArrowRight")
        settled(page)
        page.wait_for_function("() => decodeURIComponent(location.href).includes('\"sparsity\":0.53')")
        settled(page)
        page.get_by_text("The spec as a file").click()
        at_rest(page)
        with page.expect_download() as download:  # by keyboard: a click misses a button that the text still moves
            page.get_by_role("button", name="Download spec.json").press("Enter")
        saved = Spec.from_json(Path(download.value.path()).read_text())
        assert saved.steps[-1] == Prune(0.53)


@pytest.mark.full
def test_a_run_is_stopped(lab: str) -> None:
    with browsing() as page:
        page.goto(lab)
        page.get_by_role("button", name="Take light").click()
        page.get_by_role("button", name="Distil this student").click()
        expect(page.get_by_role("heading", name="Distil the student")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="Distil", exact=True).click()
        until_step(page, 1, minutes=3)
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("This run was stopped")).to_be_visible()
        at_rest(page)
        at = last_step(page)
        page.reload()  # the curve is drawn again, of all the events that there are
        expect(page.get_by_text("This run was stopped")).to_be_visible()
        assert until_step(page, 0, minutes=2) == at > 0
        expect(page.get_by_role("button", name="Run it again")).to_be_visible()


@pytest.mark.parametrize("path", first(1, [name for name in NAMES if name != "start"]))
def test_a_shared_link_opens_on_a_server_that_has_just_started(path: str, tmp_path: Path) -> None:
    spec = Spec(steps=(Factorise(48), Prune(0.25)))
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(tmp_path)) as url, browsing() as page:
        page.goto(f"{url}/{path}?spec={quote(spec.to_json())}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".st-key-menu").get_by_role("button", name="Build")).to_be_visible()
        settled(page)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        assert f"/{path}" in page.url
        assert Spec.from_json(parse_qs(urlsplit(page.url).query)["spec"][0]) == spec
