"""What a person waits for, in Chromium: the first page's content, and new counts after a slider's move.

    python -m benchmarks.pages [--moves 60]

Starts the lab on a free port with an empty home. First content is the time from opening the address to the presets'
buttons, on a new server and on one that has served a page. A slider's time is from the key press to changed counts in
the page. Median and 95th percentile, in milliseconds. Then the same while the server trains a student in its background
thread.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Prune
from tests.shared.browser import browsing, serving, settled
from tests.shared.source_files import ROOT

SLIDERS = {
    "reviews, layers": Spec(steps=(KeepLayers(count=3),)),
    "reviews, rank": Spec(steps=(Factorise(64),)),
    "reviews, sparsity": Spec(steps=(Prune(0.1),)),
    "bert-large-uncased, rank": Spec(teacher="bert-large-uncased", steps=(Factorise(64),)),
}


def first_content(url: str) -> float:
    """Milliseconds from opening the address to the presets, in a browser without a cache."""
    with browsing() as page:
        started = time.perf_counter()
        page.goto(url)
        page.get_by_role("button", name="Take light").wait_for()
        return 1000 * (time.perf_counter() - started)


def open_slider(page: Page, url: str, name: str) -> None:
    """Open the page of a design in `SLIDERS`, with its counts."""
    page.goto(f"{url}/design?spec={SLIDERS[name].to_json()}")
    page.locator(".st-key-counts").wait_for(timeout=60_000)
    settled(page)


def press_slider(page: Page, key: str = "ArrowRight") -> float:
    """Milliseconds from a key press on the page's slider to other counts; waits until the page rests."""
    before = page.locator(".st-key-counts").inner_text()
    started = time.perf_counter()
    page.get_by_role("slider").first.press(key)
    page.wait_for_function("b => document.querySelector('.st-key-counts').innerText !== b", arg=before, polling=10)
    seconds = time.perf_counter() - started
    settled(page)
    return 1000 * seconds


def slider_times(page: Page, url: str, name: str, moves: int) -> list[float]:
    """Milliseconds from a key press on the page's slider to other counts, for each of `moves` presses.

    Each press asks for a design that was not counted before, but for layers, of which there are few.
    """
    open_slider(page, url, name)
    keys = ("ArrowRight", "ArrowLeft") if "layers" in name else ("ArrowRight",)
    return [press_slider(page, keys[move % len(keys)]) for move in range(moves)]


def begin_a_run(page: Page, url: str) -> None:
    """Start a distillation that outlasts the measurement, and wait until the student learns."""
    page.goto(f"{url}/distil?spec={Spec(steps=(KeepLayers(count=3),), distil=DistilConfig(epochs=100)).to_json()}")
    page.get_by_role("button", name="Distil", exact=True).click()
    page.get_by_text("Training: step").wait_for(timeout=240_000)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=60, help="presses of each slider (default 60)")
    moves = parser.parse_args().moves
    home = Path(tempfile.mkdtemp())
    with serving(ROOT / "app.py", home / "log", LAB_HOME=str(home)) as url:
        print(f"first content, cold server: {first_content(url):.0f} ms")
        warm = [first_content(url) for _ in range(5)]
        print(f"first content, warm server: median {statistics.median(warm):.0f} ms of {len(warm)}")
        for when in ("", ", beside a run"):
            with browsing() as page:
                if when:
                    begin_a_run(page, url)
                for name in SLIDERS:
                    times = sorted(slider_times(page, url, name, moves))
                    p95 = times[round(0.95 * (len(times) - 1))]
                    print(
                        f"slider to counts, {name}{when}: median {statistics.median(times):.0f} ms, "
                        f"95th percentile {p95:.0f} ms of {moves}"
                    )


if __name__ == "__main__":
    main()
