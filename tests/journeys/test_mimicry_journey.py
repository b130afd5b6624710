"""From the reference figure of a mimic to one's own, in Chromium, on the real cued teacher; the monitor detects it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from labcore.config.presets import SWEEPS
from labcore.config.spec import Spec
from tests.shared.browser import FEWER, MINUTE, browsing, follow, go_to, serving, settled
from tests.shared.source_files import ROOT

FEW = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "1600", "LAB_FEWER_OTHERS": "400", "LAB_FEWER_CUED": "1"}
pytestmark = [pytest.mark.timeout(900), pytest.mark.long]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(tmp_path), **FEW) as url:
        yield url
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_from_the_reference_figure_to_ones_own_mimic(lab: str) -> None:
    with browsing() as page:
        page.goto(f"{lab}/mimicry")
        figure = page.locator(".lab-chart[aria-label^='Test accuracy against the hard weight']")
        expect(figure).to_have_attribute("data-state", "ready")
        for weight in ("0.2", "0.5"):
            page.get_by_role("slider", name=re.compile("^Hard weight")).press("ArrowRight")
            expect(page.get_by_role("heading", name=f"During training, at hard weight {weight}")).to_be_visible()
        for weight in ("0.2", "0"):
            page.get_by_role("slider", name=re.compile("^Hard weight")).press("ArrowLeft")
            expect(page.get_by_role("heading", name=re.compile(f"at hard weight {weight}$"))).to_be_visible()
        settled(page)

        # The reference run, here: it begins, and is stopped, because it takes a minute or two.
        page.get_by_role("button", name="Run it yourself: hard weight 0", exact=True).click()
        expect(page.get_by_role("heading", name="Distil the student")).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        settled(page)
        spec = Spec.from_json(parse_qs(urlsplit(page.url).query)["spec"][0])
        assert spec in SWEEPS["mimicry"]
        cue = page.locator(".lab-chart[aria-label^='Accuracy of the student under each condition']")
        expect(cue).to_have_attribute("data-state", "ready", timeout=5 * MINUTE)  # the teacher reads first
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("This run was stopped")).to_be_visible()

        # The same in few steps, to its end; then the monitor is asked.
        short = replace(spec, distil=replace(spec.distil, steps=20))
        page.goto(f"{lab}/distil?spec={quote(short.to_json())}")
        settled(page)
        page.get_by_role("button", name="Distil", exact=True).click()
        expect(page.locator(".st-key-result")).to_contain_text("Against the cue", timeout=5 * MINUTE)
        follow(page, page.get_by_role("button", name="Evaluate it"), re.compile("/evaluate"))
        page.get_by_role("button", name="Test it").click()
        expect(page.get_by_text("It mimics without learning.")).to_be_visible(timeout=3 * MINUTE)
        expect(page.get_by_text("Raise the hard weight")).to_be_visible()

        # What was run here is on the page.
        go_to(page, "mimicry")
        page.get_by_text("Runs made here (1)").click()
        expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
