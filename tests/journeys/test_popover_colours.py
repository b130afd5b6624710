"""Colours in popovers are those of the theme, in Chromium: Streamlit draws popovers outside its app."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from labcore.runs.store import Store
from tests.shared.browser import at_rest, browsing, serving
from tests.shared.source_files import ROOT

pytestmark = pytest.mark.timeout(400)

# The contrast of the text of each main button with its ground (WCAG 2, 1.4.3), as `kind` and ratio.
CONTRASTS = """() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  return [...document.querySelectorAll("[data-testid=stPopoverBody] [kind^=primary]")].map(button => {
    const text = light(getComputedStyle(button.querySelector("p") ?? button).color)
    const ground = light(getComputedStyle(button).backgroundColor)
    return [button.getAttribute("kind"), (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)]
  })
}"""
# Beside a main button, whether a form's main button would be readable: the same element, said to be one.
AS_FORM = """() => document.querySelector("[data-testid=stPopoverBody] [kind=primary]")
  .setAttribute("kind", "primaryFormSubmit")"""


def contrast(page: Page) -> tuple[str, float]:
    at_rest(page)
    [(kind, ratio)] = page.evaluate(CONTRASTS)
    return kind, ratio


def test_a_main_button_in_a_popover_is_readable_in_both_themes(tmp_path: Path) -> None:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(Store().home)) as url, browsing() as page:
        page.emulate_media(color_scheme="dark")
        page.goto(f"{url}/distil")
        at_rest(page)
        page.get_by_role("button", name="Balance the weights").click()
        expect(page.get_by_test_id("stPopoverBody").get_by_role("button", name="Measure and set")).to_be_visible()
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme)
            expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
            expect(page.get_by_test_id("stPopoverBody")).to_have_css("color-scheme", theme)
            kind, ratio = contrast(page)
            assert (kind, ratio > 4.5) == ("primary", True), f"{theme}: {ratio:.1f}"
        page.evaluate(AS_FORM)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", theme)
            kind, ratio = contrast(page)
            assert (kind, ratio > 4.5) == ("primaryFormSubmit", True), f"{theme}: {ratio:.1f}"
