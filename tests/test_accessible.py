"""The lab for everybody, in Chromium: axe-core on every page, in both themes and at a phone's width; keyboard; stillness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import ROOT, browsing, serving, settled
from playwright.sync_api import Page, expect
from test_pages import finished

from labcore.spec import KeepLayers, Prune, Spec
from ui.navigation import PAGES

WIDTHS = (1280, 390)
THEMES = ("light", "dark")

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
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
    settled(page)
    expect(page.locator(".lab-chart:not([data-state=ready])")).to_have_count(0, timeout=30_000)


def findings(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it is. Nothing is excused, not even what Streamlit draws."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]}: {'; '.join(why['message'] for why in node['any'] + node['all'] + node['none'])}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def levels(page: Page) -> list[int]:
    """The levels of the page's headings, from its top."""
    return page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(heading => +heading.tagName[1])")


def check(page: Page) -> None:
    """No finding at either width, in either theme; and the headings in order."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(200)  # colours move to their new values
            assert findings(page) == [], f"{page.url} at {width} pixels, {theme}"
        assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    found = levels(page)
    assert found[0] == 1, f"{page.url} begins with a heading of level {found[0]}"
    assert found.count(1) == 1
    assert all(below <= above + 1 for above, below in zip(found, found[1:], strict=False)), f"{page.url}: {found}"


@pytest.mark.parametrize("name", [name for name, *_ in PAGES])
def test_a_page_without_runs_is_accessible(lab: tuple[str, Path], page: Page, name: str) -> None:
    opened(page, f"{lab[0]}/{'' if name == 'start' else name}")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == f"{next(title for other, title, *_ in PAGES if other == name)} · Teacher–Student Lab"
    check(page)


@pytest.mark.parametrize("name", [name for name, *_ in PAGES if name not in ("start", "design")])
def test_a_page_with_a_finished_run_is_accessible(lab: tuple[str, Path], page: Page, run: str, name: str) -> None:
    opened(page, f"{lab[0]}/{name}?run={run}")
    check(page)
