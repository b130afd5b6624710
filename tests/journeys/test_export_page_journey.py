"""From a finished run to a page on another server, in Chromium: on a phone, by keyboard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch
from playwright.sync_api import Page, expect

import labcore.export
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.evaluate.metrics import predict
from labcore.export.export_source import load_source
from labcore.runs.store import Store
from tests.shared.accessibility import findings
from tests.shared.browser import FEWER, MINUTE, SIZES, at_rest, browsing, serving
from tests.shared.exported_pages import static_server
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


def downloaded(page: Page, url: str, run: str, folder: Path) -> Path:
    """Export the run's page on the page Runs by keyboard, download it, and return its unpacked folder."""
    page.goto(f"{url}/runs?compare={run}")
    at_rest(page)
    page.locator("summary").filter(has_text="Export").press("Enter")
    page.get_by_role("radio", name="Web page").press("Space")
    expect(page.get_by_role("checkbox", name="Teacher beside the student")).not_to_be_checked()
    at_rest(page)
    assert findings(page) == []
    page.get_by_role("button", name="Make and measure").press("Enter")
    expect(page.get_by_text("Web page is being made and measured")).to_be_visible()
    download = page.get_by_role("button", name="Download Web page")
    expect(download).to_be_visible(timeout=4 * MINUTE)
    expect(page.get_by_text("python -m http.server")).to_be_visible()
    at_rest(page)
    with page.expect_download() as saved:
        download.press("Enter")
    assert saved.value.suggested_filename == f"{run}-page.zip"
    with zipfile.ZipFile(saved.value.path()) as archive:
        archive.extractall(folder)
    return folder / f"{run}-page"


def pythons(run: str) -> tuple[list[int], list[float]]:
    """The ids of the sentence, and the probabilities that the run's student gives in PyTorch."""
    source = load_source(run, Store())
    encoded = encode(source.tokenizer, Examples((EXAMPLE,), (0,)), source.max_tokens)
    [row] = predict(source.model, encoded).double().softmax(-1).tolist()
    return list(encoded.tokens[0]), row


def test_a_run_becomes_a_page_with_pythons_probabilities(lab: str, run: str, tmp_path: Path) -> None:
    requests: list[str] = []
    with browsing(*SIZES[1]) as page:
        site = downloaded(page, lab, run, tmp_path / "elsewhere")
        page.on("request", lambda request: requests.append(request.url))
        with static_server(site) as url:
            page.goto(url)
            expect(page.locator("main")).to_have_attribute("data-state", "ready")
            page.keyboard.press("Tab")
            page.keyboard.type(EXAMPLE)
            page.keyboard.press("Enter")
            ids, chances = pythons(run)
            output = page.locator("output[data-role=student]")
            expect(output).to_have_attribute("data-ids", json.dumps(ids, separators=(",", ":")))
            logits = torch.tensor(json.loads(output.get_attribute("data-logits") or ""))
            assert logits.double().softmax(-1).tolist() == pytest.approx(chances, abs=1e-4)
            [exported] = labcore.export.load(site / "student").predict([EXAMPLE])
            assert list(exported.values()) == pytest.approx(chances, abs=1e-4)
            label = max(exported, key=exported.__getitem__)
            expect(output.locator("b")).to_have_text(label)
            expect(output.locator(".percent")).to_have_text(f"{100 * max(chances):.1f} %")
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.wait_for_load_state("networkidle")
    assert len(requests) > 10
    assert {parts.netloc for parts in map(urlsplit, requests) if parts.scheme != "blob"} == {urlsplit(url).netloc}
