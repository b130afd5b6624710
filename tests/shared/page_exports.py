"""A run's page in Chromium: made and downloaded from the lab, typed into where it is served, and Python's results."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import torch
from playwright.sync_api import Locator, Page, expect

from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.evaluate.metrics import predict
from labcore.export.export_source import load_source
from labcore.runs.store import Store
from tests.shared.accessibility import findings
from tests.shared.browser import MINUTE, at_rest


def downloaded(page: Page, run: str, folder: Path) -> Path:
    """Export a run's page by keyboard where the lab shows the run, download it, and return its unpacked folder."""
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


def typed(page: Page, url: str, text: str, ids: list[int]) -> tuple[Locator, list[float]]:
    """Open a served page and type a text of these ids by keyboard. Returns its output and the probabilities there."""
    page.goto(url)
    expect(page.locator("main")).to_have_attribute("data-state", "ready")
    page.keyboard.press("Tab")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    output = page.locator("output[data-role=student]")
    expect(output).to_have_attribute("data-ids", json.dumps(ids, separators=(",", ":")))
    logits = torch.tensor(json.loads(output.get_attribute("data-logits") or ""))
    return output, logits.double().softmax(-1).tolist()


def in_python(run: str, text: str) -> tuple[list[int], list[float]]:
    """The ids of a text's tokens, and the probabilities that the run's student gives in PyTorch."""
    source = load_source(run, Store())
    encoded = encode(source.tokenizer, Examples((text,), (0,)), source.max_tokens)
    [row] = predict(source.model, encoded).double().softmax(-1).tolist()
    return list(encoded.tokens[0]), row
