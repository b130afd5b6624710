"""From a finished run to a page on another server, in Chromium: on a phone, by keyboard."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

import labcore.export
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.runs.store import Store
from tests.shared.accessibility import findings
from tests.shared.browser import FEWER, SIZES, at_rest, browsing, serving
from tests.shared.exported_pages import static_server
from tests.shared.page_exports import downloaded, in_python, typed
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.full]

FEW = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "64", "LAB_FEWER_OTHERS": "64"}
SPEC = Spec(steps=(TrimVocabulary(size=2000), KeepLayers(count=1)), distil=DistilConfig(steps=4))
EXAMPLE = "The second act drags, but the ending is wonderful."


@pytest.fixture
def run(lab_home: Path) -> str:
    """A finished run of the reviews' teacher, trained for a few steps by the command line."""
    command = [sys.executable, "-m", "labcore", "run", "--spec", "-", "--home", str(lab_home)]
    subprocess.run(
        command, input=SPEC.to_json(), text=True, check=True, env={**os.environ, **FEW}, stdout=subprocess.DEVNULL
    )
    [made] = Store().finished_runs()
    return made.id


@pytest.fixture
def lab(run: str, lab_home: Path, tmp_path: Path) -> Iterator[str]:
    with serving(ROOT / "app.py", tmp_path / "log", LAB_HOME=str(lab_home), **FEW) as url:
        yield url
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_run_becomes_a_page_with_pythons_probabilities(lab: str, run: str, tmp_path: Path) -> None:
    requests: list[str] = []
    with browsing(*SIZES[1]) as page:
        page.goto(f"{lab}/runs?compare={run}")
        at_rest(page)
        site = downloaded(page, run, tmp_path / "elsewhere")
        page.on("request", lambda request: requests.append(request.url))
        with static_server(site) as url:
            ids, probabilities = in_python(run, EXAMPLE)
            output, on_page = typed(page, url, EXAMPLE, ids)
            assert on_page == pytest.approx(probabilities, abs=1e-4)
            [exported] = labcore.export.load(site / "student").predict([EXAMPLE])
            assert list(exported.values()) == pytest.approx(probabilities, abs=1e-4)
            label = max(exported, key=exported.__getitem__)
            expect(output.locator("b")).to_have_text(label)
            expect(output.locator(".percent")).to_have_text(f"{100 * max(probabilities):.1f} %")
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.wait_for_load_state("networkidle")
    assert len(requests) > 10
    assert {parts.netloc for parts in map(urlsplit, requests) if parts.scheme != "blob"} == {urlsplit(url).netloc}
