"""In Chromium, on a server that a class reaches: one makes a run, and another with its link can only look at it."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Manual, TrimVocabulary
from labcore.runs.store import Store
from tests.shared.browser import FEWER, PATIENCE, at_rest, browsing, go_to, serving, settled, until_step
from tests.shared.runs import until
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.full]

SPEC = Spec(
    steps=(TrimVocabulary(size=2000), Manual(hidden=64, layers=2, heads=2, intermediate=128, init="teacher")),
    distil=DistilConfig(steps=20_000, batch_size=8),
)
FEW = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "200", "LAB_FEWER_OTHERS": "100"}
KEEP_SOCKETS = """
const Socket = window.WebSocket
window.labSockets = []
window.WebSocket = class extends Socket { constructor(...given) { super(...given); window.labSockets.push(this) } }
"""
SEND = """message => window.labSockets.at(-1).send(Uint8Array.from(atob(message), c => c.charCodeAt(0)))"""
NO_COOKIES = """Object.defineProperty(document, "cookie", { get: () => "", set: () => {} })"""


class Wire:
    """What a page's server sends: the page's name on the wire, each button by its label, and how often it was drawn."""

    def __init__(self, page: Page):
        self.page_hash = ""
        self.buttons: dict[str, tuple[str, str]] = {}
        self.drawn = 0
        page.add_init_script(KEEP_SOCKETS)
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))

    def _received(self, frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        self.page_hash = message.new_session.page_script_hash or self.page_hash
        element = message.delta.new_element
        if element.WhichOneof("type") == "button":
            self.buttons[element.button.label] = element.button.id, message.delta.fragment_id
        self.drawn += message.WhichOneof("type") == "script_finished"


def press_by_hand(page: Page, wire: Wire, label: str) -> None:
    """Send the message of a press on a button, as the browser would, whatever the page lets one press."""
    message = BackMsg()
    widget, fragment = wire.buttons[label]
    request = message.rerun_script
    request.page_script_hash, request.fragment_id = wire.page_hash, fragment
    request.query_string = page.url.partition("?")[2]
    request.widget_states.widgets.add(id=widget, trigger_value=True)
    page.evaluate(SEND, base64.b64encode(message.SerializeToString()).decode())


def drawn_again(page: Page, wire: Wire) -> None:
    """Wait until the server has drawn the page twice more: after what was sent last, and not only beside it."""
    before, end = wire.drawn, time.monotonic() + PATIENCE / 1000
    while wire.drawn < before + 2:
        assert time.monotonic() < end, "the server draws nothing"
        page.evaluate("() => new Promise(requestAnimationFrame)")  # in which the browser's messages come


def another(page: Page) -> BrowserContext:
    """Another person's browser: it shares no cookie with the page's."""
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(viewport=page.viewport_size)
    context.set_default_timeout(PATIENCE)
    return context


def cookie_of(context: BrowserContext) -> dict[str, object]:
    """The lab's one cookie of a browser, once it is set."""
    until(lambda: len(_cookies(context)) == 1)
    return _cookies(context)[0]


def _cookies(context: BrowserContext) -> list[dict[str, object]]:
    return [dict(each) for each in context.cookies() if each["name"].startswith("lab_owner_")]


def stop_of(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("button", name=re.compile("^Stop"))).to_be_visible()
    settled(page)


def test_a_run_is_its_makers_whatever_another_browser_sends(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = FEW | {"LAB_HOME": str(home)}
    with (
        serving(ROOT / "app.py", tmp_path / "log", "lab", "0.0.0.0", **settings) as url,
        browsing() as ann,
    ):
        ann.goto(f"{url}/distil?spec={SPEC.to_json()}")
        at_rest(ann)
        ann.get_by_role("button", name="Distil", exact=True).click()
        until_step(ann, 1, minutes=5)
        [run] = re.findall(r"run=([^&]+)", ann.url)
        of_ann = cookie_of(ann.context)
        assert (of_ann["path"], of_ann["sameSite"], of_ann["secure"]) == ("/lab", "Lax", False)
        link = f"{url}/distil?run={run}"
        store = Store(home)

        bob = another(ann).new_page()
        wire = Wire(bob)
        stop_of(bob, link)
        expect(bob.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
        press_by_hand(bob, wire, "Stop")
        drawn_again(bob, wire)  # Streamlit takes no press of a button that is off, and behind it is the lab's own check
        assert store.read(run).status == "running"
        bob.screenshot(path=str(tmp_path / "refused.png"))
        bob.goto(f"{url}/runs?compare={run}")
        at_rest(bob)
        expect(bob.get_by_text("You may look at it, but not rename, annotate or delete it.")).to_be_visible()
        for verb in ("Delete", "Rename", "Save note and tags"):
            expect(bob.get_by_role("button", name=verb)).to_have_count(0)

        # A cookie of another in an address is nobody's, and one that was edited is replaced.
        eve = another(ann)
        page = eve.new_page()
        stop_of(page, f"{link}&{of_ann['name']}={of_ann['value']}&cookie={of_ann['value']}&owner={of_ann['value']}")
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
        assert cookie_of(eve)["value"] != of_ann["value"]
        first, edited = cookie_of(eve), f"{str(of_ann['value'])[:-2]}AA"
        eve.add_cookies([{"name": str(first["name"]), "value": edited, "domain": "127.0.0.1", "path": "/lab"}])
        stop_of(page, link)
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
        until(lambda: cookie_of(eve)["value"] not in (edited, of_ann["value"]))

        ann.reload()  # a browser is known again by its cookie
        expect(ann.get_by_role("button", name="Stop", exact=True)).to_be_enabled()
        ann.get_by_role("button", name="Stop", exact=True).click()
        until(lambda: store.read(run).status == "stopped")
        bob.goto(link)
        expect(bob.get_by_text("This run was stopped")).to_be_visible()
        if bob.get_by_role("button", name=re.compile("^Resume")).count():
            expect(bob.get_by_role("button", name=re.compile("^Resume"))).to_be_disabled()
    log = (tmp_path / "log").read_text()
    assert str(of_ann["value"]) not in log
    assert str(store.read(run).owner) not in log
    assert "Traceback" not in log


@pytest.mark.full
def test_two_tabs_of_a_new_browser_are_one_owner_and_one_without_cookies_hears_of_it(tmp_path: Path) -> None:
    with (
        serving(ROOT / "app.py", tmp_path / "log", "", "0.0.0.0", LAB_HOME=str(tmp_path / "home")) as url,
        browsing(390, 844) as page,
    ):
        dora = another(page)
        tabs = [dora.new_page(), dora.new_page()]
        tabs[0].goto(f"{url}/frontier", wait_until="commit")
        tabs[0].wait_for_function("() => document.cookie.includes('lab_owner_')")
        tabs[1].goto(f"{url}/frontier", wait_until="commit")
        for tab in tabs:
            at_rest(tab)
        tabs[0].get_by_role("button", name="You").click()
        tabs[0].get_by_label("Nickname", exact=True).fill("Dora")
        tabs[0].get_by_text("with my name", exact=True).click()
        tabs[0].screenshot(path=str(tmp_path / "you.png"))
        tabs[0].get_by_role("button", name="Save").click()
        expect(tabs[0].get_by_role("button", name="You: Dora")).to_be_visible()
        go_to(tabs[1], "runs")
        expect(tabs[1].get_by_role("button", name="You: Dora")).to_be_visible()
        tabs[1].screenshot(path=str(tmp_path / "runs.png"))

        page.add_init_script(NO_COOKIES)
        page.goto(url)
        expect(page.get_by_text("Your browser refuses the lab's cookie.")).to_be_visible()
        page.screenshot(path=str(tmp_path / "refuses.png"))
