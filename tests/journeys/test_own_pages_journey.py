"""Capacity, Mimicry and Exercise on a task of one's own, in Chromium: each opens with it, and its main act works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from labcore.config.spec import Spec
from labcore.data.own.data_store import all_data_sets
from labcore.runs.store import Store
from tests.shared.browser import MINUTE, at_rest, browsing, follow, serving
from tests.shared.own_task import OwnTask, own_task
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.full]


@pytest.fixture
def own(tmp_path: Path) -> OwnTask:
    return own_task(tmp_path / "tiny", ("a", "b", "c"), title="Class")


@pytest.fixture
def lab(own: OwnTask, tmp_path: Path) -> Iterator[str]:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(Store().home)) as url:
        yield url
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_the_sweep_of_capacity_begins(own: OwnTask, lab: str) -> None:
    with browsing() as page:
        page.goto(f"{lab}/capacity?sweep={own.teacher.name}")
        at_rest(page)
        expect(page.get_by_role("combobox", name=re.compile("Teacher"))).to_have_value(
            "Class teacher · your own, for Class"
        )
        seeds = page.get_by_role("spinbutton", name="Seeds")
        seeds.fill("1")
        seeds.press("Enter")
        at_rest(page)
        page.get_by_role("button", name="Run the sweep").press("Enter")
        figure = page.locator(".lab-chart[aria-label*='against']").first
        expect(figure).to_have_attribute("data-state", "ready", timeout=5 * MINUTE)
    assert any(run.spec.teacher == own.teacher.name for run in Store().runs())


def test_a_cue_is_put_into_the_data_on_mimicry(own: OwnTask, lab: str) -> None:
    spec = Spec(own.teacher.name, own.data.task)
    with browsing() as page:
        page.goto(f"{lab}/mimicry?spec={quote(spec.to_json())}")
        at_rest(page)
        follow(page, page.get_by_role("button", name="Make the cued data"), re.compile("/data"))
        expect(page.get_by_text("These data have a cue: the word “thursday”")).to_be_visible()
    assert [each.cue.word for each in all_data_sets() if each.cue is not None] == ["thursday"]


def test_the_exercise_begins_with_ones_own_teacher(own: OwnTask, lab: str) -> None:
    spec = Spec(own.teacher.name, own.data.task)
    with browsing() as page:
        page.goto(f"{lab}/exercise?spec={quote(spec.to_json())}")
        at_rest(page)
        expect(page.get_by_text("It begins with your current teacher")).to_be_visible()
        page.get_by_role("button", name="Begin the exercise").press("Enter")
        expect(page.get_by_role("combobox", name=re.compile("Teacher"))).to_have_value(
            "Class teacher · your own, for Class"
        )
        expect(page).to_have_url(re.compile("attempt="))
