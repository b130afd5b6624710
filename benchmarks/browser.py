"""Exported folders in Chromium: what a browser loads, how long it takes, and whether it agrees with Python.

    python -m labcore export reviews --to onnx-int8 --out FOLDER
    python -m benchmarks.browser FOLDER …

Each folder becomes a page, which a static server of this machine serves. The texts are test examples of the task.
A time is that of one example, from its text to its logits, in one thread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

import labcore.export
from labcore.data.tasks import load_task
from labcore.export.exported_folder import read_exported
from labcore.export.exported_page import FACTS
from labcore.export.page_folder import write_page
from tests.shared.browser import browsing
from tests.shared.exported_pages import static_server


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One row. beside: bytes to load beside the weights, the tokenizer among them. ready: seconds until it computes.

    ms: the median of an example in the browser. python_ms: by onnxruntime in Python. difference: of any logit.
    """

    title: str
    weights: int
    beside: int
    ready: float
    ms: float
    python_ms: float
    difference: float
    agreement: float


def measure(folder: Path, count: int) -> Measurement:
    """Measure an exported folder. Raises SpecError if it is none."""
    facts = read_exported(folder)
    column = load_task(facts.task).splits["test"].spread(count).text
    model = labcore.export.load(folder)
    python, python_ms = [], []
    for text in column:
        began = time.perf_counter()
        python.append(model.logits([text])[0])
        python_ms.append(1000 * (time.perf_counter() - began))
    with tempfile.TemporaryDirectory() as root:
        site = Path(root) / "site"
        write_page(folder, site)
        page_files = json.loads((site / FACTS).read_text(encoding="utf-8"))
        scripts = sum(file.stat().st_size for file in site.iterdir() if file.is_file())
        [files] = [each["bytes"] for each in page_files["models"]]
        modules = sum(file.stat().st_size for file in (site / "runtime").glob("*.mjs"))
        beside = scripts + modules + page_files["runtime"]["bytes"] + sum(files.values()) - files["model.onnx"]
        with static_server(Path(root)) as url, browsing() as page:
            began = time.perf_counter()
            page.goto(f"{url}/site/")
            page.wait_for_selector("main[data-state=ready]")
            ready = time.perf_counter() - began
            rows = [computed(page, text) for text in column]
    browser = np.array([row for row, _ in rows])
    expected = np.array(python)
    return Measurement(
        title=f"{facts.title}, {facts.kind}",
        weights=files["model.onnx"],
        beside=beside,
        ready=ready,
        ms=statistics.median(ms for _, ms in rows),
        python_ms=statistics.median(python_ms),
        difference=float(np.abs(browser - expected).max()),
        agreement=float((browser.argmax(-1) == expected.argmax(-1)).mean()),
    )


def computed(page: Page, text: str) -> tuple[list[float], float]:
    """The logits of a text on the page, and the milliseconds that they took."""
    output = page.locator("output[data-role=student]")
    page.get_by_label("Your text").fill("")
    page.locator("output:not([data-logits])").wait_for()
    page.get_by_label("Your text").fill(text)
    page.get_by_label("Your text").press("Enter")
    page.locator("output[data-logits]").wait_for()
    return json.loads(output.get_attribute("data-logits") or ""), float(output.get_attribute("data-ms") or "")


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="exported folders of an ONNX kind")
    parser.add_argument("--examples", type=int, default=60, help="test examples to compute (default: 60)")
    options = parser.parse_args()
    print("| model | weights, MB | beside them, MB | ready, s | browser, ms | Python, ms | agreement | difference |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for folder in options.folders:
        row = measure(folder, options.examples)
        print(
            f"| {row.title} | {row.weights / 1e6:.1f} | {row.beside / 1e6:.2f} | {row.ready:.1f} | {row.ms:.1f} | "
            f"{row.python_ms:.1f} | {100 * row.agreement:.1f} % | {row.difference:.1e} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
