"""In Chromium: a server ends, or is killed, while it trains; a run resumes to the undisturbed run's result."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Manual, TrimVocabulary
from labcore.results.events import TrainStep
from labcore.runs.resuming import checkpoint_step
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
            run = distil(page, url, SPEC)
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


def test_a_server_that_is_ended_loses_no_step(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "server.txt"
    long = replace(SPEC, distil=replace(SPEC.distil, steps=20_000))
    with serving_process(ROOT / "app.py", log, LAB_HOME=str(home), **FEW) as (url, server):
        with browsing() as page:
            run = distil(page, url, long)
        server.terminate()
        server.wait(MINUTE / 1000)
    store = Store(home)
    assert store.read(run).status == "interrupted"
    last = [event for event in store.events(run) if isinstance(event, TrainStep)][-1]
    assert checkpoint_step(store.read(run), store) == last.step
    assert "Traceback" not in log.read_text()


def distil(page: Page, url: str, spec: Spec) -> str:
    """Press *Distil*, and wait for some steps; the run's id."""
    page.goto(f"{url}/distil?spec={spec.to_json()}")
    at_rest(page)
    page.get_by_role("button", name="Distil", exact=True).click()
    until_step(page, 40, minutes=15)
    [run] = re.findall(r"run=([^&]+)", page.url)
    return str(run)


def _only_run(store: Store) -> tuple[str, Store]:
    [run] = store.runs()
    return run.id, store
