"""The table of pages: each row is a page, each page has a row, and old addresses lead to one."""

from __future__ import annotations

import pytest

from labcore.guide.pages import HOST, NAMES, PAGES, PageInfo, groups, page_named
from labcore.guide.tour import STOPS
from tests.shared.source_files import ROOT


def test_the_table_has_every_page_and_nothing_else() -> None:
    old_names = [old for page in PAGES for old in page.old_names]
    assert len({*NAMES, *old_names}) == len(NAMES) + len(old_names)
    assert {file.stem for file in (ROOT / "pages").glob("*.py")} == {*NAMES, *old_names, HOST.name}
    assert NAMES[0] == "start"


def test_the_groups_hold_each_page_once_in_order() -> None:
    assert [page for pages in groups().values() for page in pages] == list(PAGES)
    assert {group: [page.label for page in pages] for group, pages in groups().items()} == {
        "": ["Start"],
        "Build": ["Data", "Design", "Distil", "Evaluate", "Frontier", "Search", "Runs"],
        "Learn": ["Capacity", "Mimicry", "What you found", "Exercise"],
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_first_line_is_one_sentence(page: PageInfo) -> None:
    assert page.purpose.endswith(".")
    assert page.purpose.count(".") == 1
    assert len(page.purpose.split()) <= 25


def test_old_names_lead_to_their_page() -> None:
    assert page_named("judge") is page_named("evaluate") is not None
    assert page_named("moon") is None


def test_the_tour_stays_on_pages_of_the_table() -> None:
    assert {stop.page for stop in STOPS} <= set(NAMES)
