"""A run gets a name of its own by keyboard, and has it in each list; a short training can be seen on the frontier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from labcore.config.presets import SWEEPS
from labcore.config.spec import DistilConfig
from labcore.views.frontier.frontier_chart import SHORT
from tests.shared.browser import browsing, follow, serving, settled
from tests.shared.runs import finished
from tests.shared.source_files import ROOT

pytestmark = pytest.mark.full


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finished run of a hundred steps, in the home that the server has."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    return finished(replace(SWEEPS["frontier"][0], distil=DistilConfig(steps=100)), 0.757)


@pytest.fixture
def lab(run: str, tmp_path: Path) -> Iterator[str]:
    with serving(ROOT / "app.py", tmp_path / "log.txt", LAB_HOME=str(tmp_path / "home")) as url:
        yield url


def name_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Name of this run")


def rename_by_keyboard(page: Page, name: str) -> None:
    """Open the menu of the run's name, type another one, and press Enter."""
    page.get_by_role("button", name="Rename", exact=True).press("Enter")
    field = name_field(page)
    expect(field).to_be_visible()
    field.fill(name)
    field.press("Enter")


def test_a_run_is_named_on_the_frontier_and_found_again_on_evaluate(lab: str, run: str) -> None:
    with browsing() as page:
        page.goto(f"{lab}/frontier?run={run}")
        heading = page.get_by_role("heading", level=2, name="tiny: 128 wide, 7,600 tokens, 100 steps")
        expect(heading).to_be_visible()
        expect(page.get_by_text("Trained 100 steps (0.5 epochs).")).to_be_visible()
        settled(page)
        rename_by_keyboard(page, "x" * 41)
        expect(page.get_by_text("has 41 characters; give at most 40")).to_be_visible()
        expect(name_field(page)).to_have_value("x" * 41)
        name_field(page).fill("first try")
        name_field(page).press("Enter")
        expect(page.get_by_role("heading", level=2, name="first try")).to_be_visible()
        expect(name_field(page)).to_be_hidden()
        settled(page)
        follow(page, page.get_by_role("button", name="Evaluate it"), re.compile("/evaluate"))
        chosen = page.locator(".st-key-evaluated input")
        expect(chosen).to_have_value(re.compile("^first try · 75.7 %"))
        settled(page)
        page.get_by_role("button", name="Rename", exact=True).press("Enter")
        expect(name_field(page)).to_be_focused()  # the menu goes there by itself
        page.get_by_role("button", name="Reset").press("Enter")
        expect(chosen).to_have_value(re.compile("^tiny: 128 wide, 7,600 tokens, 100 steps · 75.7 %"))


def test_a_short_training_is_an_open_marker_with_a_label(lab: str, run: str) -> None:
    with browsing(1280, 800) as page:
        page.goto(f"{lab}/frontier?run={run}")
        frontier = page.locator(".lab-chart[aria-label^='Test accuracy against parameters']")
        expect(frontier).to_have_attribute("data-state", "ready")
        expect(frontier.locator(".legend")).to_contain_text(SHORT)
        expect(page.get_by_text("An open marker means")).to_be_visible()
        point = frontier.get_by_role("button", name="75.7 %")
        expect(point).to_have_accessible_name(re.compile(f"100 steps .* trained 100 steps .* {SHORT}"))
        settled(page)
        page.get_by_text("reference", exact=True).first.click()
        expect(frontier.locator(".legend")).not_to_contain_text(SHORT)
