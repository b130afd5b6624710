"""Each page with each kind of broken home, in Chromium, on one server that is never restarted."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from labcore.compress.student_folder import load_student
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.exercise.attempt import new_id
from labcore.guide.pages import PAGES
from labcore.runs.store import Store
from tests.shared.browser import FEWER, MINUTE, browsing, go_to, serving, settled
from tests.shared.disk import Disk, small_disk
from tests.shared.full import first
from tests.shared.source_files import ROOT

SMALL = Spec(steps=(KeepLayers(count=1),), distil=DistilConfig(epochs=1))

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    with small_disk(tmp_path_factory.mktemp("place") / "disk", "3m") as made:
        yield made


@pytest.fixture(scope="module")
def lab(disk: Disk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("server") / "log"
    few = {"PYTHONPATH": FEWER, "LAB_FEWER_TRAIN": "64", "LAB_FEWER_OTHERS": "60"}
    with serving(ROOT / "app.py", log, LAB_HOME=str(disk.path / "place" / "lab"), **few) as url:
        yield url
    assert "Traceback" not in log.read_text()


def break_home(kind: str, disk: Disk) -> str:
    """Break the home in this way, and return words of the sentence that must come."""
    place = disk.path / "place"
    match kind:
        case "a file":
            place.mkdir()
            (place / "lab").write_text("")
            return f"{place / 'lab'} is a file, not a folder."
        case "below a file":
            place.write_text("")
            return f"{place} is a file, not a folder."
        case "full":
            disk.fill()
            return "The disk is full"
        case _:
            disk.remount("ro")
            return "The disk is read-only"


def mend(kind: str, disk: Disk) -> None:
    place = disk.path / "place"
    match kind:
        case "a file":
            (place / "lab").unlink()
            place.rmdir()
        case "below a file":
            place.unlink()
        case "full":
            disk.free()
        case _:
            disk.remount("rw")


def check_calm(page: Page) -> None:
    """No traceback, none of Streamlit's error boxes, and no link to a search engine or a chat."""
    text = page.locator("body").inner_text()
    assert "Traceback" not in text
    assert "This app has encountered an error" not in text
    assert page.get_by_test_id("stException").count() == 0
    assert page.locator("a[href*=google], a[href*=chatgpt], a[href*=openai]").count() == 0


def opened(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)
    expect(page.locator("h1")).to_have_count(1)


@pytest.mark.parametrize("kind", first(1, ["full", "a file", "below a file", "read-only"]))
def test_each_page_says_what_is_wrong_with_the_home_and_goes_on_once_it_is_mended(
    kind: str, lab: str, disk: Disk
) -> None:
    words = break_home(kind, disk)
    with browsing() as page:
        for name, title in ((each.name, each.label) for each in PAGES):
            if kind == "a file" or name == "start":
                opened(page, f"{lab}/{'' if name == 'start' else name}")
            else:  # without loading it again
                go_to(page, name)
                expect(page).to_have_title(f"{title} · Teacher–Student Lab")
                settled(page)
            warning = page.get_by_test_id("stAlert").filter(has_text="The lab cannot save runs or exercises.")
            expect(warning).to_contain_text(words)
            assert page.title() == f"{title} · Teacher–Student Lab"
            if name in ("design", "frontier", "capacity", "mimicry"):  # they need no home
                expect(page.locator(".lab-chart[data-state=ready]").first).to_be_visible()
            check_calm(page)
            if name in ("distil", "exercise"):
                button = {"distil": "Distil", "exercise": "Begin the exercise"}[name]
                page.get_by_role("button", name=button, exact=True).click()
                error = page.get_by_test_id("stAlert").filter(has_text="What you set is kept.")
                expect(error).to_contain_text(words)
                settled(page)
                check_calm(page)
        mend(kind, disk)
        page.get_by_role("button", name="Try again").click()  # on the Exercise
        expect(warning).to_have_count(0)
        expect(error).to_have_count(0)
        page.get_by_role("button", name="Begin the exercise", exact=True).click()
        page.wait_for_url(re.compile("attempt="))
        expect(page.get_by_text("This page's address is the way back to it.")).to_be_visible()
    assert len(Store(disk.path / "place" / "lab").attempts.all()) == 1
    shutil.rmtree(disk.path / "place")


def test_a_link_to_a_run_or_an_attempt_is_not_taken_for_another_servers(lab: str, disk: Disk) -> None:
    break_home("a file", disk)
    with browsing() as page:
        opened(page, f"{lab}/distil?run=20260101-000000-0000000")
        expect(page.get_by_text("This run can't be read while the home can't be used.")).to_be_visible()
        check_calm(page)
        opened(page, f"{lab}/exercise?attempt={new_id()}")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        assert "not on this server" not in page.locator("body").inner_text()
        assert "attempt=" in page.url
        check_calm(page)
    mend("a file", disk)


def test_a_home_that_is_full_at_the_end_of_a_run_costs_nothing(lab: str, disk: Disk, tmp_path: Path) -> None:
    """The disk has 3 MB, the student 40: it is offered as a download, and saved once there is room."""
    with browsing() as page:
        opened(page, f"{lab}/distil?spec={SMALL.to_json()}")
        page.get_by_role("button", name="Distil", exact=True).click()
        waiting = page.get_by_test_id("stAlert").filter(has_text="The student is trained, but it could not be saved.")
        expect(waiting).to_contain_text("The disk is full", timeout=4 * MINUTE)
        expect(page.locator(".st-key-result")).to_contain_text("Test accuracy")
        check_calm(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the student").click()
        with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
            archive.extractall(tmp_path)
        [folder] = tmp_path.iterdir()
        assert load_student(folder).steps == SMALL.steps

        page.get_by_role("button", name="Save again").click()
        expect(page.get_by_test_id("stAlert").filter(has_text="Free some space")).to_have_count(2)
        opened(page, lab)
        page.get_by_role("button", name="Show it").click()
        expect(waiting).to_be_visible()
        disk.remount("size=200m")
        page.get_by_role("button", name="Save again").click()
        expect(page.get_by_role("button", name="Evaluate it")).to_be_visible()
        expect(waiting).to_have_count(0)
        check_calm(page)
    [run] = Store(disk.path / "place" / "lab").runs()
    assert run.status == "finished"
    Store(disk.path / "place" / "lab").student(run.id)
