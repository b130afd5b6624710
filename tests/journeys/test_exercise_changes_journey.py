"""A student of the exercise changed on the Design page and brought back, in Chromium on a phone."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.runs.store import Store
from tests.shared.attempts import ran
from tests.shared.browser import browsing, choose, follow, serving
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.full]


def on_disk(attempt: Attempt) -> Attempt:
    saved = load_attempt(attempt.id, Store())
    assert saved is not None
    return saved


def change_c_on_design(page: Page) -> None:
    """Open C on the Design page, add a step, and press *Use it as C*."""
    page.get_by_text("1 · Design three students").click()
    change = page.get_by_role("button", name="Change it on the Design page").nth(2)
    follow(page, change, re.compile("/design.*changing=C"))
    expect(page.get_by_text("You are changing student C of the exercise.")).to_be_visible()
    page.reload()  # the address holds whose student it is
    expect(page.get_by_text("You are changing student C of the exercise.")).to_be_in_viewport()
    page.get_by_role("button", name="Add a step").press("Enter")
    page.get_by_role("button", name="Fewer layers").press("Enter")
    expect(page.get_by_text("Step 2")).to_be_visible()
    follow(page, page.get_by_role("button", name="Use it as C"), re.compile("/exercise"))


def test_a_changed_student_comes_back_and_what_it_clears_is_asked_and_undone(tmp_path: Path) -> None:
    attempt = replace(ran(), choice=1)
    save_attempt(attempt, Store())
    home = str(Store().home)
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=home) as url, browsing(390, 844) as page:
        page.goto(f"{url}/exercise?attempt={attempt.id}")
        change_c_on_design(page)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("This clears your prediction (A) and your choice (B).")
        dialog.get_by_role("button", name="Leave it as it is").press("Enter")
        expect(dialog).to_have_count(0)
        assert on_disk(attempt) == attempt

        page.get_by_text("1 · Design three students").click()
        choose(page, page.get_by_role("combobox", name=re.compile("Student C")), "the student on the Design page")
        dialog.get_by_role("button", name="Change it").press("Enter")
        expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()
        changed = on_disk(attempt)
        assert (changed.prediction, changed.choice, changed.again) == (None, None, 1)
        assert len(changed.slots[2].steps or ()) == 2
        page.get_by_role("button", name="Undo").press("Enter")
        expect(page.get_by_role("button", name="Undo")).to_have_count(0)
        assert on_disk(attempt) == attempt
    assert "Traceback" not in (tmp_path / "log").read_text()
