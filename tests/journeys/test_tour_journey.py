"""In Chromium: the whole tour on real runs of few examples, by mouse, by keyboard and on a phone, each stop timed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from labcore.guide.tour import STOPS
from labcore.guide.tour.journal import Journal
from labcore.guide.tour.questions import QUESTIONS
from labcore.guide.tour.stop import Change, Choose, Compare, Distil, Measure, Stop
from labcore.runs.journals import load_journal
from labcore.runs.store import Store
from tests.shared.browser import FEWER, MINUTE, at_rest, browsing, serving
from tests.shared.source_files import ROOT

pytestmark = [pytest.mark.timeout(3600), pytest.mark.long]
RUN = 15 * MINUTE  # a run takes seconds on a free machine
FEW = {
    "PYTHONPATH": FEWER,
    "LAB_FEWER_TRAIN": "1200",
    "LAB_FEWER_OTHERS": "240",
    "LAB_FEWER_TRANSFER": "1000",
    "LAB_FEWER_CUED": "1",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    home = tmp_path_factory.mktemp("lab")
    with serving(ROOT / "app.py", home / "log", LAB_HOME=str(home), **FEW) as url:
        yield url, home
    assert "Traceback" not in (home / "log").read_text()


class Person:
    """Somebody who takes the tour by mouse, or by keyboard alone."""

    def __init__(self, page: Page, *, keyboard: bool):
        self.page, self.keyboard = page, keyboard
        self.panel = page.locator(".st-key-tour")

    def press(self, button: Locator) -> None:
        at_rest(self.page)
        if self.keyboard:
            button.focus()
            button.press("Enter")
        else:
            button.click()
        at_rest(self.page)

    def settle(self, choice: str) -> None:
        at_rest(self.page)
        radio = self.page.get_by_role("radio", name=choice)
        if self.keyboard:
            radio.focus()
            radio.press("Space")
        else:
            self.page.get_by_text(choice, exact=True).click()
        expect(radio).to_be_checked()
        at_rest(self.page)

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)

    def guess(self, stop: Stop) -> None:
        self.press(self.panel.get_by_role("radio", name=stop.choices[-1], exact=True))

    def add(self, kind: str) -> None:
        self.press(self.page.get_by_role("button", name="Add a step"))
        self.press(self.page.get_by_role("button", name=kind, exact=True))

    def design(self, stop: Stop) -> None:
        if stop.name == "pruning":
            self.add("Fewer layers")
            return
        self.add("Low rank")
        slider = self.page.get_by_role("slider", name="Rank of each")
        while "To do." in self.panel.inner_text():
            for _ in range(4):
                slider.press("ArrowLeft")
            at_rest(self.page)

    def choose(self, stop: Stop) -> None:
        label, control = stop.act.label, getattr(stop.act, "control", "")
        if not control and self.panel.get_by_role("slider", name=label).count() == 0:  # its students must run first
            self.press(self.button("Run the students that are missing"))
            expect(self.panel.get_by_role("slider", name=label)).to_be_visible(timeout=RUN)
        within = self.page if control else self.panel
        within.get_by_role("slider", name=label).press("ArrowRight")
        at_rest(self.page)
        if not control:
            self.press(self.button(stop.act.button))

    def do(self, stop: Stop) -> None:
        match stop.act:
            case Change():
                self.design(stop)
            case Measure():
                self.press(self.button(stop.act.label))
            case Distil():
                self.press(self.page.get_by_role("button", name="Distil", exact=True))
            case Compare():
                self.press(self.button(stop.act.button))
            case Choose():
                self.choose(stop)


def take(page: Page, *, keyboard: bool = False) -> None:
    """The whole tour, with every result in view."""
    person, started = Person(page, keyboard=keyboard), time.monotonic()
    person.press(page.get_by_role("button", name="Take the tour"))
    for number, stop in enumerate(STOPS, 1):
        begun = time.monotonic()
        expect(person.panel).to_contain_text(f"Stop {number} of {len(STOPS)}")
        at_rest(page)
        there = person.panel.locator(".st-key-tour-there button")
        if there.count():
            person.press(there)
            expect(there).to_have_count(0)
        person.guess(stop)
        person.do(stop)
        result = person.panel.locator(".st-key-tour-result")
        expect(result).to_be_visible(timeout=RUN)
        expect(person.panel).to_contain_text("Done.")
        expect(result).to_be_in_viewport()
        if isinstance(stop.act, Distil):  # a reload in the middle loses neither place, guess nor number
            page.wait_for_url(lambda url: "journal" in parse_qs(urlsplit(url).query))
            page.reload()
            expect(person.panel).to_contain_text("Done.")
            expect(person.panel).to_contain_text("You guessed")
        print(f"stop {number:2}, {stop.name}: {time.monotonic() - begun:.0f} s")
        person.press(person.panel.locator(".st-key-tour-next button"))
    person.press(person.button("See what you found"))
    for question in QUESTIONS:
        person.settle(question.choices[question.right])
    expect(page.get_by_text("Right.")).to_have_count(len(QUESTIONS))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download what you found").click()
    written = download.value.path().read_text(encoding="utf-8")
    assert all(f"## {number}. {stop.title}" in written for number, stop in enumerate(STOPS, 1))
    assert "You skipped" not in written
    print(f"in all: {(time.monotonic() - started) / 60:.1f} minutes")


def agrees_with_the_runs(journal: Journal, store: Store) -> None:
    """The numbers of the journal are those of this person's own real runs, and the first curve visibly rises."""
    start, best, test = journal.numbers["distil"]
    assert start < 0.6 < best
    accuracies = {run.result.accuracy for run in store.runs() if run.result is not None}
    assert test in accuracies
    for stop in (stop for stop in STOPS if isinstance(stop.act, Compare)):
        assert accuracies.issuperset(journal.numbers[stop.name]), stop.name
    from_teacher, from_random = journal.numbers["half-size"]
    assert from_teacher > from_random


def test_the_tour_by_mouse(lab: tuple[str, Path]) -> None:
    """It trains for real; the tours after it share its runs."""
    url, home = lab
    with browsing(1280, 800) as page:
        page.goto(url)
        take(page)
        [journal] = parse_qs(urlsplit(page.url).query)["journal"]
    kept = load_journal(journal, Store(home))
    assert kept is not None
    agrees_with_the_runs(kept, Store(home))


def test_the_tour_by_keyboard(lab: tuple[str, Path]) -> None:
    with browsing(1280, 800) as page:
        page.goto(lab[0])
        take(page, keyboard=True)


def test_the_tour_on_a_phone(lab: tuple[str, Path]) -> None:
    with browsing(390, 844) as page:
        page.goto(lab[0])
        take(page)
