"""The lab in a real browser: a server in a process of its own, and a Chromium whose every complaint counts."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from labcore.guide.pages import page_named
from tests.shared.source_files import ROOT

FEWER = f"{ROOT / 'tests' / 'shared' / 'fewer'}{os.pathsep}{ROOT}"  # a Python path on which tasks have few examples
LAST_STEP = (
    "document.querySelector('.lab-chart[aria-label^=Loss] .js-plotly-plot')"
    "?.data?.find(trace => trace.name === 'total')?.x?.at(-1) ?? 0"
)
# True after two frames in which no animation or transition that has an end was running.
MOTIONLESS = """async () => {
  const moving = () => document.getAnimations().some(one =>
    one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity)
  for (let frame = 0; frame < 2; frame++) {
    if (moving()) return false
    await new Promise(requestAnimationFrame)
  }
  return !moving()
}"""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What is not drawn yet. A chart in a closed expander is drawn when that is opened.
UNDRAWN = "[data-testid=stSkeleton], .lab-chart:not([data-state=ready], details:not([open]) *)"
# True if each element is between the page's header and the end of the viewport, and nothing covers its middle.
IN_VIEW = """elements => elements.every(element => {
  const box = element.getBoundingClientRect()
  const header = document.querySelector("[data-testid=stHeader]")?.getBoundingClientRect().bottom ?? 0
  const inside = box.height > 0 && box.top >= header - 1 && box.bottom <= innerHeight + 1
    && box.left >= -1 && box.right <= innerWidth + 1
  const there = inside && document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2)
  return Boolean(there) && (element.contains(there) || there.contains(element))
})"""
SIZES = [(1280, 800), (390, 844)]  # a small laptop and a phone, in pixels

MINUTE = 60_000  # in milliseconds
PATIENCE = 2 * MINUTE  # a busy machine takes its time
ONE_TRY = 10_000  # in milliseconds: then an act that something else undid is begun again

expect.set_options(timeout=PATIENCE)


@contextmanager
def serving(script: Path, log: Path, base: str = "", address: str = "127.0.0.1", **environment: str) -> Iterator[str]:
    """The address of a Streamlit server that runs `script` on a free port; it ends with the block.

    address: that the server listens to; 0.0.0.0 is one that others reach, too.
    """
    with serving_process(script, log, base, address, **environment) as (url, _):
        yield url


@contextmanager
def serving_process(
    script: Path, log: Path, base: str = "", address: str = "127.0.0.1", **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, and the server's process, which may be killed before the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server.port": port,
        "server.address": address,
        "server.baseUrlPath": base,
        "server.headless": "true",
        "server.enableStaticServing": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--{name}={value}" for name, value in options.items()]
    with log.open("w") as out:
        server = subprocess.Popen(
            command,
            cwd=script.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=out,
            stderr=out,
        )
    try:
        url = f"http://127.0.0.1:{port}/{base}".rstrip("/")
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline or server.poll() is not None:
                    pytest.fail(log.read_text())
                time.sleep(0.1)
        yield url, server
    finally:
        server.terminate()
        server.wait(PATIENCE / 1000)


@contextmanager
def browsing(
    width: int = 1280, height: int = 1000, *, secure: str | None = None, excused: str | None = None
) -> Iterator[Page]:
    """A page in the system's Chromium. Console errors and requests to other hosts fail the test at the block's end.

    secure: another name of this machine, of whatever certificate. excused: a pattern of console errors that are meant.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Chromium is not installed; `make test` installs it, or: apt install chromium")
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # Streamlit finds its base path by asking for it below the page's own address first.
        probing = "/_stcore/" in message.location.get("url", "") and "404" in message.text
        meant = excused is not None and re.search(excused, message.text)
        if message.type == "error" and not probing and not meant:
            complaints.append(message.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=[*FLAGS, f"--host-resolver-rules=MAP {secure} 127.0.0.1"]
        )
        page = browser.new_page(viewport={"width": width, "height": height}, ignore_https_errors=bool(secure))
        page.context.set_default_timeout(PATIENCE)
        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: complaints.append(request.url) if _is_elsewhere(request.url, secure) else None,
        )
        yield page
        browser.close()
    assert not complaints, "\n".join(complaints)


def settled(page: Page) -> None:
    """Wait until the script has ended and the page is drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def at_rest(page: Page) -> None:
    """Wait until the page is drawn, its charts too, and nothing on it moves."""
    settled(page)
    expect(page.locator(UNDRAWN)).to_have_count(0)
    page.wait_for_function(MOTIONLESS)


def in_view(page: Page, *parts: Locator) -> None:
    """Wait until all of these parts are in the viewport together, from their first pixel to their last, uncovered."""
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        at_rest(page)
        try:  # a rerun may put another element in an element's place, so each try looks them up again
            page.wait_for_function(IN_VIEW, arg=[part.element_handle() for part in parts], timeout=ONE_TRY)
            return
        except PlaywrightTimeout:
            if time.monotonic() > deadline:
                raise


def last_step(page: Page) -> int:
    """The last step in the loss curve, 0 without a curve."""
    step: int = page.evaluate(f"() => {LAST_STEP}")
    return step


def until_step(page: Page, after: int, minutes: float) -> int:
    """Wait until the loss curve shows a step after this one, and return it."""
    page.wait_for_function(f"after => ({LAST_STEP}) > after", arg=after, timeout=minutes * MINUTE)
    return last_step(page)


def _is_elsewhere(url: str, name: str | None) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"blob", "data"} and parts.hostname not in {"127.0.0.1", name}


def choose(page: Page, field: Locator, option: str) -> None:
    """Choose an option of a selectbox. A rerun that comes meanwhile closes the list; then it is opened again."""
    wanted = page.get_by_role("option", name=option, exact=True)
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        at_rest(page)
        if not wanted.is_visible():
            field.click()
        try:
            wanted.click(timeout=ONE_TRY)
            return
        except PlaywrightTimeout:
            if time.monotonic() > deadline:
                raise


def follow(page: Page, button: Locator, address: re.Pattern[str]) -> None:
    """Press a button that opens another page, until that is there and drawn.

    A rerun may draw the button again in the moment of the press, which is lost then, as a person's would be.
    """
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        at_rest(page)
        if button.is_visible():
            button.press("Enter")
        try:
            page.wait_for_url(address, timeout=ONE_TRY)
            break
        except PlaywrightTimeout:
            if time.monotonic() > deadline:
                raise
    at_rest(page)


def go_to(page: Page, name: str) -> None:
    """Open a page of the lab by the menu, without loading the lab again."""
    info = page_named(name)
    assert info is not None
    menu = page.locator(".st-key-menu")
    if not info.group:
        menu.get_by_role("link", name=info.label).click()
        return
    menu.get_by_role("button", name=info.group).click()
    page.get_by_test_id("stPopoverBody").get_by_role("link", name=info.label).click()
