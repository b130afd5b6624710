"""The lab for everybody, in Chromium: axe-core on each page, both themes, a phone's width; keyboard; stillness."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, Prune
from labcore.guide.pages import NAMES, page_named
from labcore.results.events import Preparing
from labcore.runs.store import Store
from tests.shared.accessibility import findings, levels
from tests.shared.browser import at_rest, browsing, serving, settled, until_step
from tests.shared.full import first
from tests.shared.runs import EVENTS, STEP, finished
from tests.shared.source_files import ROOT

EACH_ONCE = [(1280, "light"), (390, "dark")]  # each width and each theme once
WIDTHS_AND_THEMES = first(1, EACH_ONCE)

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """One server for all, and its home."""
    home = tmp_path_factory.mktemp("lab")
    with serving(ROOT / "app.py", home / "log", LAB_HOME=str(home)) as url:
        yield url, home
    assert "Traceback" not in (home / "log").read_text()


@pytest.fixture(scope="module")
def page(lab: tuple[str, Path]) -> Iterator[Page]:
    """One browser for all: what it has loaded once it need not load again."""
    with browsing() as page:
        yield page


@pytest.fixture(scope="module")
def run(lab: tuple[str, Path]) -> Iterator[str]:
    """A finished run in the server's store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_HOME", str(lab[1]))
        yield finished(Spec(steps=(KeepLayers(count=3), Prune(0.5))))


def opened(page: Page, address: str) -> None:
    """Go to a page of the lab, and wait until all of it is drawn."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    at_rest(page)


def check(page: Page, width: int, theme: str) -> None:
    """No finding at this width in this theme, and the headings in order."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
    at_rest(page)  # colours move to their new values
    assert findings(page) == [], f"{page.url} at {width} pixels, {theme}"
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    outline = levels(page)
    assert outline[0] == 1, f"{page.url} begins with a heading of level {outline[0]}"
    assert outline.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(outline)), f"{page.url}: {outline}"


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_without_runs_is_accessible(
    lab: tuple[str, Path], page: Page, name: str, width: int, theme: str
) -> None:
    opened(page, f"{lab[0]}/{'' if name == 'start' else name}")
    assert page.evaluate("document.documentElement.lang") == "en"
    info = page_named(name)
    assert info is not None
    assert page.title() == f"{info.label} · Teacher–Student Lab"
    check(page, width, theme)


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("start", "design")])
def test_a_page_with_a_finished_run_is_accessible(
    lab: tuple[str, Path], page: Page, run: str, name: str, width: int, theme: str
) -> None:
    opened(page, f"{lab[0]}/{name}?run={run}")
    check(page, width, theme)


@pytest.mark.full
def test_the_host_page_is_accessible(page: Page, tmp_path: Path) -> None:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(tmp_path), LAB_HOST_PASSWORD="correct horse") as url:
        opened(page, f"{url}/host")
        check(page, 1280, "light")
        page.get_by_label("The host's password").fill("correct horse")
        page.get_by_role("button", name="Enter", exact=True).click()
        expect(page.get_by_role("heading", name="This machine")).to_be_visible()
        for width, theme in EACH_ONCE:
            check(page, width, theme)
        page.goto("about:blank")  # before the server ends


# What the keyboard is on: its name, and whether that can be seen. A text field shows it by its own border.
FOCUSED = """() => {
  const on = document.activeElement, style = getComputedStyle(on)
  const labels = [...(on.labels ?? [])].map(label => label.innerText).join(" ")
  return [on.getAttribute("aria-label") || labels || (on.matches("a, button, summary") ? on.innerText : ""),
    on.matches("body, input, textarea") || style.outlineStyle !== "none" || style.boxShadow !== "none"]
}"""


def reach(page: Page, name: str, most: int = 60) -> None:
    """Go by Tab to what has this in its name; on the way, all that the keyboard is on can be seen."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        label, visible = page.evaluate(FOCUSED)
        assert visible, f"{label!r} has the keyboard, and does not show it"
        seen.append(label.strip())
        if name in label and not label.startswith("Help for"):
            return
    pytest.fail(f"Tab did not come to {name!r}, only to {seen}")


def test_the_lab_needs_no_mouse(lab: tuple[str, Path], page: Page, run: str) -> None:
    keys = page.keyboard
    opened(page, lab[0])
    reach(page, "Take heavy")
    keys.press("Enter")
    counts = page.locator(".st-key-counts")
    expect(counts).to_contain_text("7,331,330")
    settled(page)
    reach(page, "Layers")
    keys.press("ArrowLeft")
    expect(counts).to_contain_text("6,886,466")
    settled(page)
    reach(page, "Distil this student")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Distil")
    settled(page)
    reach(page, "Epochs")
    keys.press("Home")
    settled(page)
    reach(page, "Distil")
    keys.press("Enter")
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    assert findings(page) == []
    reach(page, "Stop")
    keys.press("Enter")
    expect(page.get_by_text("This run was stopped")).to_be_visible()
    assert findings(page) == []

    opened(page, f"{lab[0]}/frontier")
    expect(page.locator(".lab-chart[data-state=ready]")).to_be_visible()
    reach(page, "accuracy ")  # the points: one of them is in the tab order
    details = page.get_by_role("heading", level=2)
    keys.press("End")
    keys.press("Enter")
    expect(details).to_contain_text("teacher: reviews")
    keys.press("ArrowLeft")
    keys.press("Enter")
    expect(details).not_to_contain_text("teacher")
    reach(page, "Design from it")  # no trap: Tab leaves the chart


WATCH_SHIFTS = """() => {
  const shifts = [], add = entries => shifts.push(...entries.map(entry => entry.value))
  const observer = new PerformanceObserver(list => add(list.getEntries()))
  observer.observe({type: "layout-shift"})
  window.shiftsSoFar = () => (add(observer.takeRecords()), shifts)
}"""


def test_a_run_that_ends_moves_nothing_on_the_page(lab: tuple[str, Path], page: Page, run: str) -> None:
    """From the first step to the result less than 0.1, which is called good. https://web.dev/articles/cls"""
    store = Store(lab[1])
    created = store.create(Spec(steps=(KeepLayers(count=2),)))
    store.update(created, "running")
    store.append(created, Preparing(1, 2, 0.1))
    opened(page, f"{lab[0]}/distil?run={created}")
    page.evaluate(WATCH_SHIFTS)
    for step in range(1, 5):
        store.append(created, replace(STEP, step=step, steps=4))
    until_step(page, 3, minutes=2)
    result = store.read(run)
    for event in EVENTS[2:]:
        store.append(created, event)
    store.finish(created, replace(result.result, run=created), result.counts)
    expect(page.locator(".st-key-result")).to_be_visible()
    at_rest(page)
    assert sum(page.evaluate("shiftsSoFar()")) < 0.1
