"""In Chromium: a server is killed while it trains; its next one resumes the run, to the undisturbed run's result."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Manual, TrimVocabulary
from labcore.runs.store import Store
from tests.shared.browser import FEWER, MINUTE, at_rest, browsing, serving_process, until_step
from tests.shared.resumed import outcome
from tests.shared.source_files import ROOT

pytestmark = pytest.mark.full

SPEC = Spec(
    steps=(TrimVocabulary(size=2000), Manual(hidden=64, layers=2, heads=2, intermediate=128, init="teacher")),
    distil=DistilConfig(steps=700, batch_size=8, dropout=0.1),
)
FEW = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "200", "LAB_FEWER_OTHERS": "100"}


def undisturbed(home: Path) -> Store:
    """The home of a run of the spec that nobody disturbed, on the command line."""
    command = [sys.executable, "-m", "labcore", "run", "--spec", "-", "--home", str(home)]
    subprocess.run(
        command, input=SPEC.to_json(), text=True, check=True, capture_output=True, cwd=ROOT, env=os.environ | FEW
    )
    return Store(home)


def test_a_killed_servers_run_resumes_to_the_undisturbed_result(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = FEW | {"LAB_HOME": str(home), "LAB_CHECKPOINT_SECONDS": "0.5"}
    with serving_process(ROOT / "app.py", tmp_path / "first.txt", **settings) as (url, server):
        with browsing() as page:
            page.goto(f"{url}/distil?spec={SPEC.to_json()}")
            at_rest(page)
            page.get_by_role("button", name="Distil", exact=True).click()
            until_step(page, 40, minutes=15)
            [run] = re.findall(r"run=([^&]+)", page.url)
        server.kill()
        server.wait()
    now = Store(home).read(run)
    assert now.status == "interrupted"
    with serving_process(ROOT / "app.py", tmp_path / "second.txt", **settings) as (url, _), browsing() as page:
        page.goto(f"{url}/distil?run={run}")
        expect(page.get_by_text("interrupted when its server ended")).to_be_visible()
        resume = page.get_by_role("button", name=re.compile(r"Resume from step [\d,]+"))
        expect(resume).to_be_visible()
        at_rest(page)
        page.screenshot(path=str(tmp_path / "interrupted.png"))
        resume.click()
        expect(page.get_by_text(re.compile(r"Resumed after step [\d,]+")).first).to_be_visible()
        expect(page.get_by_text("Test accuracy", exact=True)).to_be_visible(timeout=15 * MINUTE)
    assert outcome(run, Store(home)) == outcome(*_only_run(undisturbed(tmp_path / "other")))


def _only_run(store: Store) -> tuple[str, Store]:
    [run] = store.runs()
    return run.id, store
